/** The clock of a pcapng interface: from its 64-bit ticks to UTC microseconds (draft-ietf-opsawg-pcapng 4.2). */

/** UTC microseconds, floored, of a count of ticks given as two unsigned 32-bit halves. */
export type InterfaceClock = (high: number, low: number) => number;

const TWO_32 = 2 ** 32;

/**
 * The clock for one interface.
 *
 * Ticks of microseconds to picoseconds stay in doubles and are exact; a split into halves keeps every intermediate
 * value under 2^53. Powers of two and finer ticks, which hardly occur, go through BigInt.
 *
 * @param resolution if_tsresol: 10^-n seconds, or 2^-n where the top bit is set
 * @param offsetSeconds if_tsoffset
 * @example
 * interfaceClock(9, 0)(0, 1999) // 1
 */
export const interfaceClock = (resolution: number, offsetSeconds: number): InterfaceClock => {
  const offset = offsetSeconds * 1e6;
  const exponent = resolution & 0x7f;
  if (resolution >= 0x80) {
    return (high, low) => Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) >> BigInt(exponent)) + offset;
  }
  if (exponent <= 6) {
    const microsecondsPerTick = 10 ** (6 - exponent);
    return (high, low) => (high * TWO_32 + low) * microsecondsPerTick + offset;
  }
  if (exponent <= 12) {
    const ticksPerMicrosecond = 10 ** (exponent - 6);
    return (high, low) => {
      const rest = high % ticksPerMicrosecond;
      const upper = (high - rest) / ticksPerMicrosecond;
      return upper * TWO_32 + Math.floor((rest * TWO_32 + low) / ticksPerMicrosecond) + offset;
    };
  }
  const ticksPerMicrosecond = 10n ** BigInt(exponent - 6);
  return (high, low) => Number(((BigInt(high) << 32n) | BigInt(low)) / ticksPerMicrosecond) + offset;
};
