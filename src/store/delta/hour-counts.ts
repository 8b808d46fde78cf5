/** How many rows of a segment were reported in each hour: by this jobs plan their windows without opening it. */
import { HOUR } from '../../kit/time.ts';

/** Rows by the start of the hour, UTC microseconds. */
export type HourCounts = ReadonlyMap<number, number>;

/** A segment that spans more says nothing: the log is to stay short. */
const MAX_HOURS = 256;

export class HourCounter {
  readonly #rows = new Map<number, number>();
  #hour = Number.NaN;
  #ofHour = 0;

  /** @param at when a row was reported; NaN if that is not known */
  add(at: number): void {
    const hour = Math.floor(at / HOUR) * HOUR;
    if (hour === this.#hour) this.#ofHour++;
    else {
      this.#settle();
      this.#hour = hour;
      this.#ofHour = 1;
    }
  }

  /** Undefined if these are too many. */
  end(): HourCounts | undefined {
    this.#settle();
    return atMost(this.#rows);
  }

  #settle(): void {
    if (!Number.isNaN(this.#hour)) this.#rows.set(this.#hour, (this.#rows.get(this.#hour) ?? 0) + this.#ofHour);
    this.#ofHour = 0;
    this.#hour = Number.NaN;
  }
}

/** The counts, unless there are too many of them. */
export const atMost = (counts: HourCounts): HourCounts | undefined => (counts.size > MAX_HOURS ? undefined : counts);

/** `387000:17 387001:4`: hours since 1970, and rows. */
export const formatHours = (counts: HourCounts): string =>
  [...counts].map(([hour, rows]) => `${hour / HOUR}:${rows}`).join(' ');

/** Undefined if the text says nothing. */
export const parseHours = (text: unknown): HourCounts | undefined => {
  if (typeof text !== 'string' || !/^(-?\d{1,9}:\d{1,15}( -?\d{1,9}:\d{1,15})*)?$/.test(text)) return undefined;
  if (text === '') return new Map();
  return new Map(
    text.split(' ').map((one) => {
      const [hour, rows] = one.split(':');
      return [Number(hour) * HOUR, Number(rows)];
    }),
  );
};
