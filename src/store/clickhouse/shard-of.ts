/** Which shard a row belongs to: by the hash of its client, as the Distributed tables say it in SQL. */
import { hash } from 'node:crypto';
import type { Texts } from '../../kit/interner.ts';
import type { SealedBatch, SealedColumn } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';

/** The column by which a table is spread: all of a client is in one place; what knows no client goes by flow or import. */
export const shardColumn = ({ columns }: Table): string =>
  ['client', 'flow_id'].find((name) => name in columns) ?? 'source';

/**
 * The shard of a text: `halfMD5(text) % shards`, halfMD5 being the first 64 bits of the MD5, the first byte the highest.
 * Servers of all versions have that function, and so has Node.
 */
export const shardOfText = (text: string, shards: number): number => {
  const digest = hash('md5', text, 'buffer');
  const [high, low] = [digest.readUInt32BE(0), digest.readUInt32BE(4)];
  return ((high % shards) * (2 ** 32 % shards) + (low % shards)) % shards;
};

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

const idOf = (words: ArrayLike<number>, row: number): string => {
  const [high, low] = [words[2 * row]!, words[2 * row + 1]!];
  return (high | low) === 0 ? '' : hex(high) + hex(low);
};

/** Spreads the rows of batches over shards. */
export class Sharder {
  readonly #shards: number;
  readonly #column: string;
  /** By code: its shard plus one, or 0. */
  #known = new Int32Array(0);
  #texts: WeakRef<Texts> | undefined;

  constructor(table: Table, shards: number) {
    this.#shards = shards;
    this.#column = shardColumn(table);
  }

  /** By shard, the numbers of its rows in ascending order. */
  spread(batch: SealedBatch): readonly Int32Array[] {
    const { rows, columns } = batch;
    if (this.#shards === 1) return [Int32Array.from({ length: rows }, (_, row) => row)];
    const column = columns.find(({ name }) => name === this.#column);
    const places: number[][] = Array.from({ length: this.#shards }, () => []);
    if (column?.kind === 'text') this.#reserve(batch.texts);
    for (let row = 0; row < rows; row++) places[this.#shardOf(column, row, batch.texts)]!.push(row);
    return places.map((numbers) => Int32Array.from(numbers));
  }

  #shardOf(column: SealedColumn | undefined, row: number, texts: Texts): number {
    if (column === undefined) return shardOfText('', this.#shards);
    if (column.kind === 'id') return shardOfText(idOf(column.values, row), this.#shards);
    const code = column.values[row]!;
    const known = this.#known[code]!;
    if (known !== 0) return known - 1;
    const shard = shardOfText(texts.text(code), this.#shards);
    this.#known[code] = shard + 1;
    return shard;
  }

  #reserve(texts: Texts): void {
    const isSame = this.#texts?.deref() === texts;
    if (isSame && this.#known.length >= texts.size) return;
    const known = new Int32Array(texts.size + (texts.size >> 1));
    if (isSame) known.set(this.#known);
    else this.#texts = new WeakRef(texts);
    this.#known = known;
  }
}
