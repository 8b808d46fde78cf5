/** The different words of a page, found by their codes. One page at a time, for all columns. */

/** Some values at a time, as in pack.ts. */
const STEP = 256;

export class PageWords {
  /** By value: its word's place among those of the page. */
  places = new Int32Array(0);
  /** By place: the word's code. */
  codes = new Int32Array(0);
  /** Different words. */
  size = 0;
  /** By code: #base plus the place; what is below #base is of an earlier page. */
  #placeOf = new Int32Array(0);
  #base = 1;

  /** Finds the different words among the first `count` codes, all of which are below `bound`. */
  look(codes: Int32Array, count: number, bound: number): void {
    if (this.places.length < count) {
      this.places = new Int32Array(count);
      this.codes = new Int32Array(count);
    }
    if (this.#placeOf.length < bound || this.#base > 2 ** 30) {
      this.#placeOf = new Int32Array(2 * bound);
      this.#base = 1;
    }
    this.size = 0;
    for (let start = 0; start < count; start += STEP) this.#lookAt(codes, start, Math.min(start + STEP, count));
    this.#base += this.size;
  }

  /** Puts in the place of each value's place what `codes` holds there. */
  replacePlaces(count: number): void {
    for (let start = 0; start < count; start += STEP) this.#replaceAt(start, Math.min(start + STEP, count));
  }

  #lookAt(codes: Int32Array, start: number, end: number): void {
    const placeOf = this.#placeOf;
    const base = this.#base;
    let { size } = this;
    for (let i = start; i < end; i++) {
      const code = codes[i]!;
      let place = placeOf[code]! - base;
      if (place < 0) {
        place = size++;
        placeOf[code] = base + place;
        this.codes[place] = code;
      }
      this.places[i] = place;
    }
    this.size = size;
  }

  #replaceAt(start: number, end: number): void {
    const { places, codes } = this;
    for (let i = start; i < end; i++) places[i] = codes[places[i]!]!;
  }
}
