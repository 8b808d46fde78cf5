/** The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each packet with the clock and link of its interface. */
import type { FrameSink } from '../packet/frame-sink.ts';
import { type InterfaceClock, interfaceClock } from './interface-clock.ts';
import { MAX_RECORD_BYTES, type RecordWalker } from './record-walker.ts';
import { isPossibleTime, type Reason, type Tally } from './tally.ts';

const Block = { INTERFACE: 1, PACKET: 2, SIMPLE_PACKET: 3, STATISTICS: 5, ENHANCED_PACKET: 6, SECTION: 0x0a0d0d0a };
const Option = { END: 0, IF_TSRESOL: 9, IF_TSOFFSET: 14, EPB_DROPCOUNT: 4, ISB_IFDROP: 5, ISB_OSDROP: 7 };

/** Type, length, and the length again at the end. */
const MIN_BLOCK_BYTES = 12;
/** Bytes of an enhanced packet block, or of the packet block that preceded it, before the packet. */
const PACKET_OFFSET = 28;
/** Interfaces kept for a section; packets of later ones are counted as of an unknown interface. */
const MAX_INTERFACES = 65_536;

/** No capture has lost as many packets: a count above is damaged, and not believed, nor is a sum. */
const MAX_DROPS = 2 ** 40;

/** What a section says about one interface. */
interface Interface {
  readonly linkType: number;
  /** Longest packet that is kept; 0 is without limit. */
  readonly snaplen: number;
  readonly clock: InterfaceClock;
  /** Packets lost, as the interface's latest statistics sum them up. */
  reportedDrops: number | undefined;
  /** Packets lost, added up from those that name losses before them. */
  countedDrops: number | undefined;
}

/**
 * Walks a pcapng capture: any number of sections of either byte order, enhanced, simple and old packet blocks.
 *
 * Losses come from interface statistics and from packets; where an interface has both, they tell of the same losses and
 * the larger number counts. A simple packet has no time: it is delivered with the time of the packet before it
 * (0 at the beginning) and counted in `Tally.untimed`. Blocks of other kinds are passed over.
 */
export class PcapngWalker implements RecordWalker {
  needed = MIN_BLOCK_BYTES;
  broken: Reason | undefined;
  endedAt: number | undefined;
  readonly #sink: FrameSink;
  readonly #tally: Tally;
  #little = false;
  #interfaces: Interface[] = [];
  #droppedBefore: number | undefined;
  #latestAt = 0;

  constructor(sink: FrameSink, tally: Tally) {
    this.#sink = sink;
    this.#tally = tally;
  }

  get dropped(): number | undefined {
    return this.#interfaces.reduce<number | undefined>((sum, { reportedDrops, countedDrops }) => {
      if (reportedDrops === undefined && countedDrops === undefined) return sum;
      return Math.min((sum ?? 0) + Math.max(reportedDrops ?? 0, countedDrops ?? 0), MAX_DROPS);
    }, this.#droppedBefore);
  }

  walk(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let position = start;
    this.needed = MIN_BLOCK_BYTES;
    while (end - position >= MIN_BLOCK_BYTES) {
      const type = view.getUint32(position, this.#little);
      if (type === Block.SECTION) this.#readByteOrder(view, position);
      const length = view.getUint32(position + 4, this.#little);
      if (length < MIN_BLOCK_BYTES || length % 4 !== 0) this.broken ??= 'malformed-block';
      else if (length > MAX_RECORD_BYTES) this.broken ??= 'over-long-record';
      if (this.broken !== undefined) break;
      const next = position + length;
      if (next > end) {
        this.needed = length;
        break;
      }
      if (view.getUint32(next - 4, this.#little) !== length) this.broken = 'malformed-block';
      else if (!this.#readBlock(type, bytes, view, position, next - 4)) this.#tally.miss('malformed-block');
      if (this.broken !== undefined) break;
      position = next;
    }
    return position;
  }

  #readByteOrder(view: DataView, start: number): void {
    const magic = view.getUint32(start + 8, true);
    if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a) this.broken = 'malformed-block';
    this.#little = magic === 0x1a2b3c4d;
  }

  /** Reads the block at `start` whose body ends at `end`; false if it is too short for what it says it holds. */
  #readBlock(type: number, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    switch (type) {
      case Block.ENHANCED_PACKET:
      case Block.PACKET:
        return this.#readPacket(type, bytes, view, start, end);
      case Block.SIMPLE_PACKET:
        return this.#readSimplePacket(bytes, view, start, end);
      case Block.INTERFACE:
        return this.#readInterface(view, start, end);
      case Block.STATISTICS:
        return this.#readStatistics(view, start, end);
      case Block.SECTION:
        return this.#readSection(view, start, end);
      default:
        return true;
    }
  }

  #readSection(view: DataView, start: number, end: number): boolean {
    this.#droppedBefore = this.dropped;
    this.#interfaces = [];
    if (end - start < 24) return false;
    if (view.getUint16(start + 12, this.#little) !== 1) this.broken = 'unsupported-version';
    return true;
  }

  #readInterface(view: DataView, start: number, end: number): boolean {
    if (end - start < 16) return false;
    const resolutionAt = this.#findOption(view, start + 16, end, Option.IF_TSRESOL, 1);
    const offsetAt = this.#findOption(view, start + 16, end, Option.IF_TSOFFSET, 8);
    if (this.#interfaces.length < MAX_INTERFACES) {
      this.#interfaces.push({
        linkType: view.getUint16(start + 8, this.#little),
        snaplen: view.getUint32(start + 12, this.#little),
        clock: interfaceClock(
          resolutionAt === undefined ? 6 : view.getUint8(resolutionAt),
          offsetAt === undefined ? 0 : Number(view.getBigInt64(offsetAt, this.#little)),
        ),
        reportedDrops: undefined,
        countedDrops: undefined,
      });
    }
    return true;
  }

  #readStatistics(view: DataView, start: number, end: number): boolean {
    if (end - start < 20) return false;
    const source = this.#interfaces[view.getUint32(start + 8, this.#little)];
    const at = source?.clock(view.getUint32(start + 12, this.#little), view.getUint32(start + 16, this.#little));
    if (at !== undefined && isPossibleTime(at)) this.endedAt = Math.max(this.endedAt ?? 0, at);
    const byInterface = this.#readDrops(view, start + 20, end, Option.ISB_IFDROP);
    const bySystem = this.#readDrops(view, start + 20, end, Option.ISB_OSDROP);
    if (source !== undefined && (byInterface !== undefined || bySystem !== undefined))
      source.reportedDrops = (byInterface ?? 0) + (bySystem ?? 0);
    return true;
  }

  #readPacket(type: number, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const little = this.#little;
    const room = end - start - PACKET_OFFSET;
    if (room < 0) return false;
    const captured = view.getUint32(start + 20, little);
    if (captured > room) return false;
    const id = type === Block.PACKET ? view.getUint16(start + 8, little) : view.getUint32(start + 8, little);
    const source = this.#interfaces[id];
    if (source === undefined) {
      this.#tally.miss('unknown-interface');
      return true;
    }
    if (type === Block.PACKET) {
      const drops = view.getUint16(start + 10, little);
      if (drops !== 0xffff) source.countedDrops = (source.countedDrops ?? 0) + drops;
    } else if (room - captured > 4) {
      const optionsAt = start + PACKET_OFFSET + ((captured + 3) & ~3);
      const drops = this.#readDrops(view, optionsAt, end, Option.EPB_DROPCOUNT);
      if (drops !== undefined) source.countedDrops = (source.countedDrops ?? 0) + drops;
    }
    const at = source.clock(view.getUint32(start + 12, little), view.getUint32(start + 16, little));
    if (!isPossibleTime(at)) {
      this.#tally.miss('impossible-time');
      return true;
    }
    const tally = this.#tally;
    if (at < tally.firstAt) tally.firstAt = at;
    if (at > tally.lastAt) tally.lastAt = at;
    tally.packets++;
    this.#latestAt = at;
    this.#sink.frame(bytes, start + PACKET_OFFSET, captured, view.getUint32(start + 24, little), at, source.linkType);
    return true;
  }

  #readSimplePacket(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    if (end - start < 12) return false;
    const source = this.#interfaces[0];
    if (source === undefined) {
      this.#tally.miss('unknown-interface');
      return true;
    }
    const original = view.getUint32(start + 8, this.#little);
    const kept = source.snaplen === 0 ? original : Math.min(original, source.snaplen);
    if (kept > end - start - 12) return false;
    this.#tally.packets++;
    this.#tally.untimed++;
    this.#sink.frame(bytes, start + 12, kept, original, this.#latestAt, source.linkType);
    return true;
  }

  /** Index of the value of the first option of this code and length among `[start..end)`. */
  #findOption(view: DataView, start: number, end: number, code: number, length: number): number | undefined {
    for (let at = start; at + 4 <= end; ) {
      const found = view.getUint16(at, this.#little);
      const size = view.getUint16(at + 2, this.#little);
      if (found === Option.END || at + 4 + size > end) return undefined;
      if (found === code && size === length) return at + 4;
      at += 4 + ((size + 3) & ~3);
    }
    return undefined;
  }

  /** The number of packets lost that an option tells; undefined without it, or if it is damaged. */
  #readDrops(view: DataView, start: number, end: number, option: number): number | undefined {
    const at = this.#findOption(view, start, end, option, 8);
    const drops = at === undefined ? Number.NaN : Number(view.getBigUint64(at, this.#little));
    return drops <= MAX_DROPS ? drops : undefined;
  }
}
