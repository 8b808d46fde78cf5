/** Rows of a table that has a column of each kind, in the shapes for which a writer of Parquet takes different ways. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/kit/random.ts';
import { PageRoom } from '../src/store/parquet/page-room.ts';
import { ParquetFile } from '../src/store/parquet/parquet-file.ts';
import type { SealedBatch } from '../src/tickets/batch.ts';
import { count, counts, flag, id, type Table, text, texts, time } from '../src/tickets/column.ts';
import type { Cell } from './fill-cell.ts';
import { temporaryFolder } from './store-fixture.ts';

export const all: Table = {
  name: 'all',
  doc: 'A column of each kind.',
  columns: {
    key: id(''),
    seen: time(''),
    n: count(''),
    ratio: { kind: 'real', doc: '' },
    yes: flag(''),
    word: text(''),
    words: texts(''),
    numbers: counts(''),
  },
};

type Row = Readonly<Record<string, Cell>>;

/** Writes batches into a file, and gives its path. */
export const writeParquet = (batches: readonly SealedBatch[]): string => {
  const file = new ParquetFile(all, new PageRoom());
  const parts: Uint8Array[] = [];
  for (const batch of batches) {
    file.add(batch);
    parts.push(file.take().slice());
  }
  file.end();
  parts.push(file.take());
  const path = join(temporaryFolder(), 'a.parquet');
  writeFileSync(path, Buffer.concat(parts));
  return path;
};

/** A row as the engine's JSON tells it, where 64-bit numbers are texts. */
export const told = (row: Row): readonly unknown[] => {
  const long = (cell: Cell | undefined): unknown => (cell === undefined ? null : String(BigInt(cell as number)));
  return [
    row.key ?? '',
    long(row.seen),
    long(row.n),
    row.ratio ?? null,
    row.yes === undefined ? null : row.yes === 1,
    row.word ?? '',
    row.words ?? [],
    ((row.numbers ?? []) as readonly number[]).map(long),
  ];
};

const hex = (word: number): string => word.toString(16).padStart(8, '0');

const alphabets = ['abc', 'äöü€', '漢字\u{1f600}', '\u0000"\'\\\n'];

/** Makers of columns that a writer may take different ways for. */
export const shapes: Readonly<Record<string, (random: Random, i: number) => Partial<Row>>> = {
  'nothing at all': () => ({}),
  'one value throughout': () => ({
    key: '00000000000000ff',
    seen: 1e15,
    n: 7,
    ratio: 0.5,
    yes: 1,
    word: 'x',
    words: ['a', ''],
    numbers: [0],
  }),
  'few values': (random) => ({
    key: hex(random.between(0, 1)) + hex(random.between(1, 3)),
    seen: random.between(0, 3) * 1e6,
    n: random.between(-2, 2),
    yes: random.between(0, 1),
    word: `w${random.between(0, 5)}`,
    words: Array.from({ length: random.between(0, 3) }, () => `l${random.between(0, 4)}`),
    numbers: Array.from({ length: random.between(0, 3) }, () => random.between(0, 5)),
  }),
  'many values': (random, i) => ({
    key: hex(0x5308e820 + (i >> 3)) + hex(random.word()),
    seen: 1_393_092_000_000_000 + i * 1000 + random.between(0, 900),
    n: random.between(0, 2 ** 40),
    ratio: random.unit(),
    yes: 0,
    word: `unlike ${i} others ${random.between(0, 2 ** 30)}`,
    words: [`a${i}`, 'b'],
    numbers: Array.from({ length: random.between(0, 40) }, () => random.between(0, 2 ** 32)),
  }),
  'values that are missing here and there': (random) => ({
    ...(random.chance(0.5) ? { seen: random.between(-(2 ** 50), 2 ** 50) } : {}),
    ...(random.chance(0.5) ? { key: hex(random.word()) + hex(random.word()) } : {}),
    ...(random.chance(0.1) ? { n: random.between(0, 9) } : {}),
    ...(random.chance(0.9) ? { ratio: random.between(-9, 9) / 4 } : {}),
    ...(random.chance(0.01) ? { yes: 1 } : {}),
    ...(random.chance(0.3) ? { word: 'there' } : {}),
    ...(random.chance(0.02) ? { words: ['rare'], numbers: [1] } : {}),
  }),
  'great numbers': (random) => ({
    n: (random.chance(0.5) ? -1 : 1) * 2 ** random.between(0, 62),
    ratio: 2 ** random.between(-1000, 1000),
    numbers: [2 ** 53, -(2 ** 63), 2 ** 62],
  }),
  'words of any alphabet, some of them long': (random) => ({
    word: Array.from({ length: random.between(0, 40) ** (random.chance(0.01) ? 2 : 1) }, () =>
      random.pick([...random.pick(alphabets)]),
    ).join(''),
    words: [random.pick(alphabets), ''],
  }),
  'runs of all lengths': (_, i) => ({
    n: Math.floor(Math.sqrt(i)) % 3,
    yes: Math.floor(Math.sqrt(2 * i)) % 2,
    word: `run ${Math.floor(Math.sqrt(3 * i)) % 4}`,
    ...(Math.floor(Math.sqrt(i)) % 2 === 0 ? { seen: i } : {}),
  }),
};

export const shapedRows = (shape: string, seed: number, length: number): readonly Row[] => {
  const random = new Random(seed);
  return Array.from({ length }, (_, i) => shapes[shape]!(random, i) as Row);
};
