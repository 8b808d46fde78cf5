/** A frame cut into IP fragments, as a router does it. */
import type { Frame } from '../src/synth/frame.ts';

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;

/** Fragments of an untagged IPv4 frame without options, of `size` bytes of content each (a multiple of 8), a millisecond apart. */
export const fragmentsOf = ({ at, bytes }: Frame, size: number, id = 7): Frame[] => {
  const content = bytes.subarray(ETHERNET_BYTES + IPV4_BYTES);
  const frames: Frame[] = [];
  for (let from = 0; from < content.length; from += size) {
    const piece = content.subarray(from, from + size);
    const fragment = Buffer.concat([bytes.subarray(0, ETHERNET_BYTES + IPV4_BYTES), piece]);
    fragment.writeUInt16BE(IPV4_BYTES + piece.length, ETHERNET_BYTES + 2);
    fragment.writeUInt16BE(id, ETHERNET_BYTES + 4);
    fragment.writeUInt16BE((from + size < content.length ? 0x2000 : 0) | (from >> 3), ETHERNET_BYTES + 6);
    frames.push({ at: at + 1000 * frames.length, bytes: fragment, length: fragment.length });
  }
  return frames;
};
