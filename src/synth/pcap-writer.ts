/** Writes frames as a classic pcap file with microseconds, chunk by chunk (draft-ietf-opsawg-pcap). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { LinkType } from '../packet/frame-sink.ts';
import type { Frame } from './frame.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAX_SNAPLEN = 65535;
const CHUNK = 1 << 20;

/**
 * Writes frames of the link type Ethernet, in the order in which they come; memory does not grow with their number.
 *
 * @param snaplen bytes that are kept of a frame
 * @returns packets written
 */
export const writePcap = (path: string, frames: Iterable<Frame>, snaplen = MAX_SNAPLEN): number => {
  const chunk = new Uint8Array(CHUNK + RECORD_HEADER + MAX_SNAPLEN);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, LinkType.ETHERNET, true);
  let used = FILE_HEADER;
  let packets = 0;
  const file = openSync(path, 'w');
  const flush = (): void => {
    for (let done = 0; done < used; ) done += writeSync(file, chunk, done, used - done);
    used = 0;
  };
  try {
    for (const { at, bytes, length } of frames) {
      const seconds = Math.floor(at / 1_000_000);
      const captured = Math.min(bytes.length, snaplen);
      view.setUint32(used, seconds, true);
      view.setUint32(used + 4, at - seconds * 1_000_000, true);
      view.setUint32(used + 8, captured, true);
      view.setUint32(used + 12, length, true);
      chunk.set(captured === bytes.length ? bytes : bytes.subarray(0, captured), used + RECORD_HEADER);
      used += RECORD_HEADER + captured;
      packets++;
      if (used >= CHUNK) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return packets;
};
