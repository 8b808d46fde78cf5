/** What a TCP stream carries: literal bytes, or so many opaque ones that are never held in memory as a whole. */

/** What a reader of a payload learns of its flow. */
export interface Shown {
  readonly sni?: string;
  readonly alpn?: readonly string[];
  readonly isEchOffered?: boolean;
  readonly host?: string;
  readonly userAgent?: string;
}

export interface Payload {
  readonly length: number;
  readonly shows?: Shown;
  /** Content that names nothing, of which traces of headers keep little. */
  readonly isBulk: boolean;
  /** Writes the bytes `offset .. offset + count` of the payload to `target` at `at`, where zeros are. */
  fill(target: Uint8Array, at: number, offset: number, count: number): void;
}

/** The bytes themselves. */
export const literal = (bytes: Uint8Array, shows?: Shown): Payload => ({
  length: bytes.length,
  ...(shows && { shows }),
  isBulk: false,
  fill: (target, at, offset, count) => target.set(bytes.subarray(offset, offset + count), at),
});

/** Zeros: content that names nothing. */
export const opaque = (length: number): Payload => ({ length, isBulk: true, fill: () => {} });

const RECORD_HEADER = 5;
/** The largest fragment of a record (RFC 5246 6.2.1), and its header. */
const RECORD_STRIDE = 16384 + RECORD_HEADER;

/**
 * TLS application data (RFC 5246 6.2): records of 16384 bytes and a shorter last one, their content zeros.
 *
 * @param length bytes of the stream, headers included; rounded up where the last record would be all header
 */
export const tlsRecords = (length: number): Payload => {
  const rest = length % RECORD_STRIDE;
  const total = rest > 0 && rest <= RECORD_HEADER ? length + RECORD_HEADER + 1 - rest : length;
  return {
    length: total,
    isBulk: true,
    fill: (target, at, offset, count) => {
      for (
        let record = Math.floor(offset / RECORD_STRIDE) * RECORD_STRIDE;
        record < offset + count;
        record += RECORD_STRIDE
      ) {
        const size = Math.min(RECORD_STRIDE, total - record) - RECORD_HEADER;
        const header = [0x17, 0x03, 0x03, size >> 8, size & 0xff];
        for (const [i, byte] of header.entries()) {
          const position = record + i - offset;
          if (position >= 0 && position < count) target[at + position] = byte;
        }
      }
    },
  };
};
