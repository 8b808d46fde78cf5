/** The least and the greatest of many texts, in the order of their UTF-8 bytes. */

/** A range of longer texts is not kept: it would weigh more than it prunes. */
const MAX_LENGTH = 64;

/** A text that was kept: its first bytes, and how many it had. */
interface Kept {
  readonly bytes: Uint8Array;
  length: number;
}

/** Below 0 if the bytes from `start` to before `end` come before those kept: byte by byte, and what is shorter first. */
const compare = (bytes: Uint8Array, start: number, end: number, kept: Kept): number => {
  const common = Math.min(end - start, kept.length, kept.bytes.length);
  for (let i = 0; i < common; i++) {
    const difference = bytes[start + i]! - kept.bytes[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - kept.length;
};

const keep = (kept: Kept, bytes: Uint8Array, start: number, end: number): void => {
  const length = end - start;
  kept.length = length;
  for (let i = 0; i < length && i < kept.bytes.length; i++) kept.bytes[i] = bytes[start + i]!;
};

export class TextRange {
  readonly #least: Kept = { bytes: new Uint8Array(MAX_LENGTH), length: -1 };
  readonly #greatest: Kept = { bytes: new Uint8Array(MAX_LENGTH), length: -1 };
  #isKept = true;

  /** Takes the text of the bytes from `start` to before `end` into account. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#isKept) return;
    const isFirst = this.#least.length < 0;
    const isBelow = isFirst || compare(bytes, start, end, this.#least) < 0;
    const isAbove = isFirst || compare(bytes, start, end, this.#greatest) > 0;
    if (!isBelow && !isAbove) return;
    this.#isKept = end - start <= MAX_LENGTH;
    if (isBelow) keep(this.#least, bytes, start, end);
    if (isAbove) keep(this.#greatest, bytes, start, end);
  }

  /** The range, undefined if it is empty or an end of it is long; the next one begins. */
  take(): { readonly least: Uint8Array; readonly greatest: Uint8Array } | undefined {
    const [least, greatest] = [this.#least, this.#greatest].map(({ bytes, length }) =>
      bytes.slice(0, Math.max(0, length)),
    );
    const isKnown = this.#isKept && this.#least.length >= 0;
    this.#isKept = true;
    this.#least.length = -1;
    return isKnown ? { least: least!, greatest: greatest! } : undefined;
  }
}
