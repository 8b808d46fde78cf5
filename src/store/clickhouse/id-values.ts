/** Ids as String: 16 hex digits, or ''. */
import type { SealedColumn } from '../../tickets/batch.ts';
import { ByteBuffer } from '../parquet/byte-buffer.ts';

const DIGITS = 16;
const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

export class IdValues {
  readonly #texts = new ByteBuffer();
  #rows = 0;
  isUsed = false;

  add(column: SealedColumn, rows: Int32Array, at: number): void {
    this.#pad(at);
    const words = column.values as Int32Array;
    const bytes = this.#texts.reserve((1 + DIGITS) * rows.length);
    let next = this.#texts.length;
    for (let i = 0; i < rows.length; i++) {
      const place = 2 * rows[i]!;
      const [high, low] = [words[place]!, words[place + 1]!];
      if ((high | low) === 0) {
        bytes[next++] = 0;
        continue;
      }
      this.isUsed = true;
      bytes[next++] = DIGITS;
      for (let shift = 28; shift >= 0; shift -= 4) bytes[next++] = digits[(high >>> shift) & 15]!;
      for (let shift = 28; shift >= 0; shift -= 4) bytes[next++] = digits[(low >>> shift) & 15]!;
    }
    this.#texts.length = next;
    this.#rows = at + rows.length;
  }

  end(out: ByteBuffer, rows: number): void {
    this.#pad(rows);
    out.append(this.#texts.written);
    this.#texts.clear();
    this.#rows = 0;
    this.isUsed = false;
  }

  /** Makes the rows before `row` that have no id ''. */
  #pad(row: number): void {
    const missing = row - this.#rows;
    this.#texts.reserve(missing).fill(0, this.#texts.length, this.#texts.length + missing);
    this.#texts.length += missing;
    this.#rows = row;
  }
}
