/** So many of something a second of packet time: what strangers can make the probe do is bounded, and the same for a file at any speed. */
import { SECOND } from '../kit/time.ts';

export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #at = Number.NaN;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Is there any left at this time? */
  has(at: number): boolean {
    const passedUs = at - this.#at;
    // Time that goes back, or has not begun, gives none.
    if (passedUs > 0) this.#left = Math.min(this.#perSecond, this.#left + (passedUs * this.#perSecond) / SECOND);
    if (!(passedUs <= 0)) this.#at = at;
    return this.#left >= 1;
  }

  take(): void {
    this.#left--;
  }

  checkpoint() {
    return { left: this.#left, at: this.#at };
  }

  restore({ left, at }: ReturnType<Allowance['checkpoint']>): void {
    this.#left = left;
    this.#at = at;
  }
}
