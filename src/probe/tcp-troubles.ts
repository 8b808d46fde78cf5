/** What befalls few TCP connections: retransmissions, reordering, gaps, zero windows, keep-alives; records that only those connections have. */
import { WordPool } from '../kit/word-pool.ts';
import { distance } from './sequence.ts';

/** Fields of a record; where two directions have one each, `DOWN_X` follows `UP_X`. */
export const Trouble = {
  UP_RETRANSMITS: 0,
  DOWN_RETRANSMITS: 1,
  UP_REORDERED: 2,
  DOWN_REORDERED: 3,
  UP_ZERO_WINDOWS: 4,
  DOWN_ZERO_WINDOWS: 5,
  UP_KEEPALIVES: 6,
  DOWN_KEEPALIVES: 7,
  /** First gap of the direction, in the order of sequence numbers; 0 for none. */
  UP_GAPS: 8,
  DOWN_GAPS: 9,
} as const;

const RECORD = 10;

/** A gap: bytes [start, end) were not seen yet; the low word of the time at which it showed; the next gap. */
const Gap = { START: 0, END: 1, SINCE: 2, NEXT: 3 } as const;
const GAP = 4;
/** Gaps of one direction that are remembered; of more, the oldest bytes are given up, which are the least likely to come. */
const MAX_GAPS = 16;

/** Memory is bounded by the flow table: a record a flow, `MAX_GAPS` gaps a direction. */
export class TcpTroubles {
  /** Bytes that `fill` found to be new, and when, as a low word of time, the latest of the gaps that it filled showed. */
  filledBytes = 0;
  filledSince = 0;
  readonly #records = new WordPool(RECORD);
  readonly #gaps = new WordPool(GAP);

  /** A record of zeros. Ids begin with 1. */
  add(): number {
    return this.#records.take();
  }

  /** A field of a record; 0 for record 0, which stands for none. */
  read(record: number, field: number): number {
    return record === 0 ? 0 : this.#records.words[record * RECORD + field]!;
  }

  count(record: number, field: number): void {
    this.#records.words[record * RECORD + field]!++;
  }

  remove(record: number): void {
    for (const field of [Trouble.UP_GAPS, Trouble.DOWN_GAPS]) {
      for (let gap = this.read(record, field); gap !== 0; ) {
        const next = this.#gaps.words[gap * GAP + Gap.NEXT]!;
        this.#gaps.give(gap);
        gap = next;
      }
    }
    this.#records.give(record);
  }

  /** The bytes [start, end) were left out, ahead of all that was seen. `list`: `Trouble.UP_GAPS` or `DOWN_GAPS`. */
  open(record: number, list: number, start: number, end: number, at: number): void {
    const gap = this.#gaps.take();
    const gaps = this.#gaps.words;
    gaps[gap * GAP + Gap.START] = start;
    gaps[gap * GAP + Gap.END] = end;
    gaps[gap * GAP + Gap.SINCE] = at | 0;
    const records = this.#records.words;
    const head = record * RECORD + list;
    let last = 0;
    for (let each = records[head]!; each !== 0; each = gaps[each * GAP + Gap.NEXT]!) last = each;
    if (last === 0) records[head] = gap;
    else gaps[last * GAP + Gap.NEXT] = gap;
    this.#bound(head);
  }

  #bound(head: number): void {
    const gaps = this.#gaps.words;
    const records = this.#records.words;
    const oldest = records[head]!;
    let count = 0;
    for (let each = oldest; each !== 0; each = gaps[each * GAP + Gap.NEXT]!) count++;
    if (count <= MAX_GAPS) return;
    records[head] = gaps[oldest * GAP + Gap.NEXT]!;
    this.#gaps.give(oldest);
  }

  /** The bytes [start, end), all before the highest end seen, came: how many of them fill gaps is in `filledBytes`. One call splits one gap at most. */
  fill(record: number, list: number, start: number, end: number): void {
    this.filledBytes = 0;
    let before = 0;
    for (let gap = this.read(record, list); gap !== 0; ) {
      const at = gap * GAP;
      const gaps = this.#gaps.words;
      const next = gaps[at + Gap.NEXT]!;
      const from = gaps[at + Gap.START]!;
      const to = gaps[at + Gap.END]!;
      const first = distance(from, start) > 0 ? start : from;
      const last = distance(to, end) < 0 ? end : to;
      if (distance(first, last) > 0) {
        this.filledBytes += distance(first, last);
        this.filledSince = gaps[at + Gap.SINCE]!;
        if (first === from && last === to) {
          this.#unlink(record, list, before, gap, next);
          gap = next;
          continue;
        }
        if (first === from) gaps[at + Gap.START] = last;
        else {
          gaps[at + Gap.END] = first;
          if (last !== to) this.#split(gap, last, to);
        }
      }
      before = gap;
      gap = next;
    }
    this.#bound(record * RECORD + list);
  }

  #unlink(record: number, list: number, before: number, gap: number, next: number): void {
    const gaps = this.#gaps.words;
    if (before === 0) this.#records.words[record * RECORD + list] = next;
    else gaps[before * GAP + Gap.NEXT] = next;
    this.#gaps.give(gap);
  }

  /** Puts what is left behind a filled part, [start, end), into a gap of its own after `gap`. */
  #split(gap: number, start: number, end: number): void {
    const rest = this.#gaps.take();
    const gaps = this.#gaps.words;
    gaps[rest * GAP + Gap.START] = start;
    gaps[rest * GAP + Gap.END] = end;
    gaps[rest * GAP + Gap.SINCE] = gaps[gap * GAP + Gap.SINCE]!;
    gaps[rest * GAP + Gap.NEXT] = gaps[gap * GAP + Gap.NEXT]!;
    gaps[gap * GAP + Gap.NEXT] = rest;
  }

  checkpoint() {
    return { records: this.#records.checkpoint(), gaps: this.#gaps.checkpoint() };
  }

  restore({ records, gaps }: ReturnType<TcpTroubles['checkpoint']>): void {
    this.#records.restore(records);
    this.#gaps.restore(gaps);
  }
}
