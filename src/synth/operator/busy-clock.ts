/** How busy people are: hours of a week, of mean 1, and how long it takes at such hours until something is due. */
import { DAY, HOUR } from '../../kit/time.ts';
import type { OperatorPreset } from './preset.ts';

const HOURS_OF_WEEK = 168;
/** 1 January 1970 was a Thursday; weeks begin on Monday. */
const EPOCH_DAY = 3;

export class BusyClock {
  readonly #loads: Float64Array;
  readonly #offsetUs: number;
  readonly #least: number;
  readonly #most: number;

  constructor({ offsetHours, weekday, weekend }: OperatorPreset['clock']) {
    const hours = Float64Array.from({ length: HOURS_OF_WEEK }, (_, i) => (i < 120 ? weekday : weekend)[i % 24]!);
    const mean = hours.reduce((sum, each) => sum + each, 0) / HOURS_OF_WEEK;
    this.#loads = hours.map((each) => each / mean);
    this.#offsetUs = offsetHours * HOUR + EPOCH_DAY * DAY;
    this.#least = Math.min(...this.#loads);
    this.#most = Math.max(...this.#loads);
  }

  /** How busy the hour of `at` is; the mean of a week is 1. */
  load(at: number): number {
    return this.#loads[Math.floor((at + this.#offsetUs) / HOUR) % HOURS_OF_WEEK]!;
  }

  /** The same from 0, the quietest hour, to 1, the busiest. */
  share(at: number): number {
    return (this.load(at) - this.#least) / (this.#most - this.#least);
  }

  /** When a time `us` of mean hours has passed after `at`: sooner where it is busy, later at night. */
  after(at: number, us: number): number {
    let now = at;
    for (let rest = us; ; ) {
      const load = this.load(now);
      const turnsAt = now + HOUR - ((now + this.#offsetUs) % HOUR);
      const dueAt = now + rest / load;
      if (dueAt < turnsAt) return Math.round(dueAt);
      rest -= (turnsAt - now) * load;
      now = turnsAt;
    }
  }
}
