/** What became of a capture: everything in it accounted for, at its end or so far. */
import type { CaptureFormat, Compression } from './format.ts';
import type { Reason } from './tally.ts';

/** Where a capture broke off or turned to garbage. */
export interface Breakage {
  /** Offset in the capture, after decompression, of the first byte that could not be read as a record. */
  readonly offset: number;
  readonly reason: Reason;
}

export interface CaptureAccount {
  /** Undefined if the input is empty, or broken before its format shows. */
  readonly format: CaptureFormat | undefined;
  readonly compression: Compression | undefined;
  /** Packets delivered, and how many of them carry no time of their own. */
  readonly packets: number;
  readonly untimed: number;
  /** Bytes read, as they lie on disk. */
  readonly bytesRead: number;
  /** Earliest and latest packet time, UTC microseconds; undefined without a packet that has one. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  /** Packets that the capture says were lost before they reached it; undefined if it does not say. */
  readonly dropped: number | undefined;
  /** When the capture ended by its own clock, UTC microseconds; undefined if it does not say. */
  readonly endedAt: number | undefined;
  /** What was not delivered, by reason; the reason of `broken` included. */
  readonly undelivered: Readonly<Partial<Record<Reason, number>>>;
  readonly state: 'complete' | 'partial';
  /** Present exactly where `state` is 'partial'. */
  readonly broken: Breakage | undefined;
}
