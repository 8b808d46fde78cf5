/** Writes tiny captures for tests: pcap and pcapng in either byte order. */
import type { FrameSink } from '../packet/frame-sink.ts';

export interface Packet {
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint;
  readonly bytes: Uint8Array;
  readonly original: number;
}

/** A delivered frame, copied out of the reader's buffer. */
export interface Frame {
  readonly bytes: string;
  readonly original: number;
  readonly at: number;
  readonly linkType: number;
}

/** A sink that keeps what it gets and fails on a frame outside of its buffer. */
export const collectFrames = (): FrameSink & { readonly frames: Frame[] } => {
  const frames: Frame[] = [];
  return {
    frames,
    frame(bytes, start, captured, original, at, linkType) {
      if (!(start >= 0 && captured >= 0 && start + captured <= bytes.length)) {
        throw new Error(`a frame of ${captured} bytes at ${start} in a buffer of ${bytes.length}`);
      }
      frames.push({
        bytes: Buffer.from(bytes.subarray(start, start + captured)).toString('hex'),
        original,
        at,
        linkType,
      });
    },
  };
};

/** Bytes of hexadecimal text; white space is ignored. */
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));

export const concat = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));

/** Unsigned numbers in sequence; the width in bytes follows each one. */
export const numbers = (little: boolean, ...pairs: readonly (readonly [value: number | bigint, width: number])[]) => {
  const bytes = Buffer.alloc(pairs.reduce((sum, [, width]) => sum + width, 0));
  let at = 0;
  for (const [value, width] of pairs) {
    for (let i = 0; i < width; i++) {
      const shift = 8n * BigInt(little ? i : width - 1 - i);
      bytes[at + i] = Number((BigInt(value) >> shift) & 0xffn);
    }
    at += width;
  }
  return new Uint8Array(bytes);
};

export interface PcapOptions {
  readonly little?: boolean;
  /** 0xa1b2c3d4 (microseconds), 0xa1b23c4d (nanoseconds) or 0xa1b2cd34 (modified). */
  readonly magic?: number;
  readonly linkType?: number;
  readonly snaplen?: number;
}

export const encodePcap = (
  packets: readonly Packet[],
  { little = true, magic = 0xa1b2c3d4, linkType = 1, snaplen = 65_535 }: PcapOptions = {},
): Uint8Array => {
  const parts: Uint8Array[] = [
    numbers(little, [magic, 4], [2, 2], [4, 2], [0, 4], [0, 4], [snaplen, 4], [linkType, 4]),
  ];
  for (const { nanoseconds, bytes, original } of packets) {
    const fraction = nanoseconds % 1_000_000_000n;
    parts.push(
      numbers(
        little,
        [nanoseconds / 1_000_000_000n, 4],
        [magic === 0xa1b23c4d ? fraction : fraction / 1000n, 4],
        [bytes.length, 4],
        [original, 4],
      ),
    );
    if (magic === 0xa1b2cd34) parts.push(numbers(little, [0, 8]));
    parts.push(bytes);
  }
  return concat(parts);
};

const padded = (bytes: Uint8Array): Uint8Array => concat([bytes, new Uint8Array(-bytes.length & 3)]);

export const encodeBlock = (little: boolean, type: number, ...body: readonly Uint8Array[]): Uint8Array => {
  const content = padded(concat(body));
  const length = content.length + 12;
  return concat([numbers(little, [type, 4], [length, 4]), content, numbers(little, [length, 4])]);
};

export const encodeOption = (little: boolean, code: number, value: Uint8Array): Uint8Array =>
  concat([numbers(little, [code, 2], [value.length, 2]), padded(value)]);

export const encodeSection = (little = true): Uint8Array =>
  encodeBlock(little, 0x0a0d0d0a, numbers(little, [0x1a2b3c4d, 4], [1, 2], [0, 2], [0xffffffffffffffffn, 8]));

export interface InterfaceOptions {
  readonly little?: boolean;
  readonly linkType?: number;
  readonly snaplen?: number;
  readonly resolution?: number;
  readonly offsetSeconds?: bigint;
}

export const encodeInterface = ({
  little = true,
  linkType = 1,
  snaplen = 0,
  resolution,
  offsetSeconds,
}: InterfaceOptions = {}): Uint8Array =>
  encodeBlock(
    little,
    1,
    numbers(little, [linkType, 2], [0, 2], [snaplen, 4]),
    ...(resolution === undefined ? [] : [encodeOption(little, 9, Uint8Array.of(resolution))]),
    ...(offsetSeconds === undefined ? [] : [encodeOption(little, 14, numbers(little, [offsetSeconds, 8]))]),
    encodeOption(little, 0, new Uint8Array(0)),
  );

/** An enhanced packet block whose time is given in ticks. */
export const encodeEnhanced = (
  little: boolean,
  interfaceId: number,
  ticks: bigint,
  { bytes, original }: Pick<Packet, 'bytes' | 'original'>,
  ...options: readonly Uint8Array[]
): Uint8Array =>
  encodeBlock(
    little,
    6,
    numbers(little, [interfaceId, 4], [ticks >> 32n, 4], [ticks & 0xffffffffn, 4], [bytes.length, 4], [original, 4]),
    padded(bytes),
    ...options,
  );

/** One section with one interface that counts nanoseconds (or 10^-resolution seconds). */
export const encodePcapng = (packets: readonly Packet[], little = true, resolution = 9): Uint8Array =>
  concat([
    encodeSection(little),
    encodeInterface({ little, resolution }),
    ...packets.map((packet) =>
      encodeEnhanced(little, 0, (packet.nanoseconds * 10n ** BigInt(resolution)) / 1_000_000_000n, packet),
    ),
  ]);

/** The bytes in chunks of one size, as a pipe might give them. */
export async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A zstd frame of stored blocks: framing without compression, for machines that lack the program. */
export const encodeStoredZstd = (bytes: Uint8Array): Uint8Array => {
  // No content size, a window of 128 KiB.
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3)];
  for (let at = 0; at === 0 || at < bytes.length; at += 1 << 17) {
    const block = bytes.subarray(at, at + (1 << 17));
    const last = at + block.length >= bytes.length ? 1 : 0;
    parts.push(numbers(true, [(block.length << 3) | last, 3]), block);
  }
  return concat(parts);
};
