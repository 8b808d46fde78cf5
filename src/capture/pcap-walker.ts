/** The classic pcap format (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records. */
import type { FrameSink } from '../packet/frame-sink.ts';
import { MAX_RECORD_BYTES, type RecordWalker } from './record-walker.ts';
import type { Reason, Tally } from './tally.ts';

const FILE_HEADER_BYTES = 24;
/** Writers exceed the snapshot length they declare, but none this bound of libpcap (MAXIMUM_SNAPLEN). */
const COMMON_SNAPLEN = 262_144;

/**
 * Walks a pcap capture of either byte order, in microseconds or nanoseconds, or of the "modified" variant (0xa1b2cd34),
 * whose record headers are 8 bytes longer.
 *
 * One loop without allocation: this is the fast path of every import.
 */
export class PcapWalker implements RecordWalker {
  readonly dropped = undefined;
  readonly endedAt = undefined;
  needed = FILE_HEADER_BYTES;
  broken: Reason | undefined;
  readonly #sink: FrameSink;
  readonly #tally: Tally;
  #recordHeaderBytes = 0;
  #little = false;
  #nanoseconds = false;
  #maxCaptured = 0;
  #linkType = 0;

  constructor(sink: FrameSink, tally: Tally) {
    this.#sink = sink;
    this.#tally = tally;
  }

  walk(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (this.#recordHeaderBytes === 0) {
      if (end - start < FILE_HEADER_BYTES) return start;
      this.#readFileHeader(view, start);
      if (this.broken !== undefined) return start;
      start += FILE_HEADER_BYTES;
    }
    const sink = this.#sink;
    const little = this.#little;
    const nanoseconds = this.#nanoseconds;
    const headerBytes = this.#recordHeaderBytes;
    const linkType = this.#linkType;
    let { packets, firstAt, lastAt } = this.#tally;
    let position = start;
    this.needed = headerBytes;
    while (end - position >= headerBytes) {
      const captured = view.getUint32(position + 8, little);
      if (captured > this.#maxCaptured) {
        this.broken = 'over-long-record';
        break;
      }
      const next = position + headerBytes + captured;
      if (next > end) {
        this.needed = headerBytes + captured;
        break;
      }
      const seconds = view.getUint32(position, little);
      const fraction = view.getUint32(position + 4, little);
      const original = view.getUint32(position + 12, little);
      if (captured === 0 && original === 0 && seconds === 0 && fraction === 0) {
        this.broken = 'zero-filled';
        break;
      }
      const at = seconds * 1e6 + (nanoseconds ? Math.floor(fraction / 1000) : fraction);
      if (at < firstAt) firstAt = at;
      if (at > lastAt) lastAt = at;
      packets++;
      sink.frame(bytes, position + headerBytes, captured, original, at, linkType);
      position = next;
    }
    this.#tally.packets = packets;
    this.#tally.firstAt = firstAt;
    this.#tally.lastAt = lastAt;
    return position;
  }

  #readFileHeader(view: DataView, start: number): void {
    this.#little = view.getUint8(start) !== 0xa1;
    const magic = view.getUint32(start, this.#little);
    if (view.getUint16(start + 4, this.#little) !== 2) this.broken = 'unsupported-version';
    this.#nanoseconds = magic === 0xa1b23c4d;
    this.#recordHeaderBytes = magic === 0xa1b2cd34 ? 24 : 16;
    this.#maxCaptured = Math.min(MAX_RECORD_BYTES, Math.max(COMMON_SNAPLEN, view.getUint32(start + 16, this.#little)));
    // The upper half of the field holds the length of a frame check sequence.
    this.#linkType = view.getUint32(start + 20, this.#little) & 0xffff;
  }
}
