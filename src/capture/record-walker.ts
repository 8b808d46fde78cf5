/** A parser that walks over the records of a capture, whatever pieces its bytes arrive in. */
import type { Reason } from './tally.ts';

/** No record is longer: beyond this a length is taken for garbage. Bounds the memory that one capture can claim. */
export const MAX_RECORD_BYTES = 1 << 24;

export interface RecordWalker {
  /** Bytes of the record that did not fit into the last piece; 0 if its length is not known yet. */
  readonly needed: number;
  /** Why nothing after the last consumed byte can be read; undefined while all is well. */
  readonly broken: Reason | undefined;
  /** Packets that the capture itself says were lost; undefined if it does not say. */
  readonly dropped: number | undefined;
  /** When the capture says it took the statistics of its interfaces, as at its end; undefined if it does not say. */
  readonly endedAt: number | undefined;

  /**
   * Delivers the whole records among `bytes[start..end)`.
   *
   * @param view the same memory as `bytes`
   * @returns index of the first byte not consumed; bytes from there on must come again at the start of the next call
   */
  walk(bytes: Uint8Array, view: DataView, start: number, end: number): number;
}
