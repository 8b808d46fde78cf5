/** How often values occurred, of three digits each: quantiles within 0.5 % whatever their number. */

export class ValueCounts {
  total = 0;
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    const unit = value < 1000 ? 1 : 10 ** (Math.floor(Math.log10(value)) - 2);
    const rounded = Math.round(value / unit) * unit;
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.total++;
  }

  /** The least value that a share `p` of all does not exceed; null of nothing. */
  quantile(p: number): number | null {
    let rest = p * this.total;
    for (const value of [...this.#counts.keys()].sort((a, b) => a - b)) {
      rest -= this.#counts.get(value)!;
      if (rest <= 0) return value;
    }
    return null;
  }
}
