/** Property tests that every decoder of bytes from outside has to pass: whatever is cut or changed, it returns, and reads nothing beyond its end. */
import fc from 'fast-check';

/**
 * Runs a decoder over messages that are cut and damaged, each in the middle of a buffer: what follows the end must not
 * change the result.
 *
 * @param decode what it returns is compared as it is
 */
export const survivesDamage = (
  messages: readonly Uint8Array[],
  decode: (bytes: Uint8Array, start: number, end: number) => unknown,
  check: (a: unknown, b: unknown) => void,
): void => {
  const damage = fc.record({
    message: fc.constantFrom(...messages),
    length: fc.nat(),
    changes: fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(damage, ({ message, length, changes }) => {
      const bytes = message.slice(0, changes.length > 4 ? message.length : length % (message.length + 1));
      for (const { at, byte } of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      const [low, high] = [0x00, 0xff].map((filler) => {
        const buffer = new Uint8Array(bytes.length + 300).fill(filler);
        buffer.set(bytes, 20);
        return decode(buffer, 20, 20 + bytes.length);
      });
      check(low, high);
    }),
    { numRuns: 3000 },
  );
};
