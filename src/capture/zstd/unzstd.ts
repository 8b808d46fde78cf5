/** Zstandard (RFC 8878), any number of frames, decompressed block by block. */
import type { Readable } from '../byte-source.ts';
import { ByteWindow } from '../byte-window.ts';
import { BlockDecoder, MAX_BLOCK_BYTES } from './block-decoder.ts';
import { corrupt } from './corrupt.ts';

/** The largest window that zstd itself accepts unless told otherwise (`--long=27`). */
const MAX_WINDOW_BYTES = 1 << 27;

const BlockType = { RAW: 0, RLE: 1, COMPRESSED: 2 };

/**
 * The decompressed bytes; each chunk is valid until the next is asked for. Throws SONDE_COMPRESSION_BROKEN where the data
 * turns corrupt or breaks off, after having yielded every block before.
 *
 * Written here because hostile data must cost no more than its size, which decoders without bounds checks do not
 * promise. Dictionaries are not supported, content checksums not verified.
 */
export async function* unzstd(source: Readable): AsyncGenerator<Uint8Array> {
  const window = new ByteWindow(source, 2 * MAX_BLOCK_BYTES);
  const scratch = new Uint8Array(MAX_BLOCK_BYTES);
  while (await window.hold(1)) {
    await demand(window, 4);
    const magic = window.view.getUint32(window.start, true);
    if (magic === 0xfd2fb528) yield* frame(window, scratch);
    else if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) await skipFrame(window);
    else throw corrupt('neither a frame nor the end');
  }
}

const demand = async (window: ByteWindow, size: number): Promise<void> => {
  if (window.held < size && !(await window.hold(size))) throw corrupt('it ends too early');
};

async function skipFrame(window: ByteWindow): Promise<void> {
  await demand(window, 8);
  let rest = 8 + window.view.getUint32(window.start + 4, true);
  while (rest > 0) {
    await demand(window, 1);
    const step = Math.min(rest, window.held);
    window.start += step;
    rest -= step;
  }
}

async function* frame(window: ByteWindow, scratch: Uint8Array): AsyncGenerator<Uint8Array> {
  const { windowBytes, hasChecksum } = await readFrameHeader(window);
  const decoder = new BlockDecoder(windowBytes, scratch);
  for (let last = false; !last; ) {
    await demand(window, 3);
    const { bytes, start } = window;
    const header = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    const stored = type === BlockType.RLE ? 1 : size;
    if (stored > MAX_BLOCK_BYTES || type > BlockType.COMPRESSED) throw corrupt('an impossible block');
    await demand(window, 3 + stored);
    const at = window.start + 3;
    yield type === BlockType.COMPRESSED
      ? decoder.compressed(window.bytes, at, at + size)
      : type === BlockType.RAW
        ? decoder.raw(window.bytes, at, size)
        : decoder.repeated(window.bytes[at]!, size);
    window.start += 3 + stored;
  }
  if (hasChecksum) {
    await demand(window, 4);
    window.start += 4;
  }
}

/** RFC 8878 3.1.1.1. */
const readFrameHeader = async (window: ByteWindow): Promise<{ windowBytes: number; hasChecksum: boolean }> => {
  await demand(window, 5);
  const descriptor = window.bytes[window.start + 4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const windowDescriptorBytes = singleSegment ? 0 : 1;
  if ((descriptor & 8) !== 0) throw corrupt('reserved bits in use');
  const headerBytes = 5 + windowDescriptorBytes + dictionaryBytes + sizeBytes;
  await demand(window, headerBytes);
  const { view, start, bytes } = window;
  const dictionaryAt = start + 5 + windowDescriptorBytes;
  for (let i = 0; i < dictionaryBytes; i++) {
    if (bytes[dictionaryAt + i] !== 0) throw corrupt('it needs a dictionary');
  }
  const windowBytes = singleSegment
    ? readContentSize(view, dictionaryAt + dictionaryBytes, sizeBytes)
    : readWindowSize(bytes[start + 5]!);
  if (windowBytes > MAX_WINDOW_BYTES) throw corrupt('its window is larger than 128 MiB');
  window.start += headerBytes;
  return { windowBytes, hasChecksum: (descriptor & 4) !== 0 };
};

const readWindowSize = (descriptor: number): number => {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
};

const readContentSize = (view: DataView, at: number, size: number): number => {
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at, true) + 256;
  if (size === 4) return view.getUint32(at, true);
  return Number(view.getBigUint64(at, true));
};
