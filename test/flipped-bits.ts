/** A store in which single bits flip: what is wrong must be said, and everything else be served. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { flows } from '../src/tickets/index.ts';
import { addFlows, evening, importRow, sealRows } from './store-fixture.ts';

/** Of each import. */
const ROWS = 50;

/** A live capture with so many commits that its logs have checkpoints, imports, merged segments of both, and more imports. */
export const plantForFlips = async (folder: string): Promise<void> => {
  const store = await openStore(folder, { threads: 1 });
  await store.bindKey('0123456789abcdef');
  const stream = store.beginStream('live');
  for (let i = 0; i < 66; i++) {
    await stream.write(sealRows(flows, [{ source: 'live', reported_at: evening + i, flow_id: String(1e15 + i) }]));
    await stream.commit(importRow('live'));
  }
  for (const id of ['a', 'b']) await addFlows(store, id, ROWS);
  await store.compact();
  for (const id of ['c', 'd', 'e']) await addFlows(store, id, ROWS);
};

const logFiles = (folder: string, table: string): readonly string[] =>
  readdirSync(join(folder, table, '_delta_log')).map((file) => `_delta_log/${file}`);

/** What a snapshot reads: by table and file, with the rows that are lost with it, where that is known. */
const filesOf = async (folder: string): Promise<readonly { table: string; file: string; rows?: number }[]> => {
  const snapshot = await (await openStore(folder)).snapshot();
  try {
    return ['flows', 'imports'].flatMap((table) => [
      ...logFiles(folder, table).map((file) => ({ table, file })),
      ...snapshot.segmentsOf(table).map(({ file, rows }) => ({ table, file, ...(rows === undefined ? {} : { rows }) })),
    ]);
  } finally {
    await snapshot.close();
  }
};

const flipBit = (path: string, random: Random): void => {
  const bytes = readFileSync(path);
  const at = random.between(0, bytes.length - 1);
  bytes[at]! ^= 1 << random.between(0, 7);
  writeFileSync(path, bytes);
};

const countOf = async (folder: string, table: string): Promise<number> => {
  const snapshot = await (await openStore(folder, { threads: 1 })).snapshot();
  try {
    const [row] = await (await snapshot.query(`SELECT count(*) AS n FROM ${table}`)).rows();
    return Number(row?.n);
  } finally {
    await snapshot.close();
  }
};

/**
 * Flips a bit of a random file in a copy of the store.
 *
 * @param whole a store by `plantForFlips`
 * @param folder where the copy goes, and is taken away again
 */
export const flipAndVerify = async (whole: string, folder: string, seed: number): Promise<void> => {
  const random = new Random(seed);
  const files = await filesOf(whole);
  const { table, file, rows } = random.pick(files);
  const all = await countOf(whole, table);
  mkdirSync(folder);
  try {
    cpSync(whole, folder, { recursive: true });
    flipBit(join(folder, table, file), random);
    const verdicts = await (await openStore(folder, { threads: 1 })).verify();
    const problems = verdicts.flatMap((verdict) => verdict.problems);
    const where = `seed ${seed}, ${table}/${file}: ${problems.join('; ')}`;
    const isNamed = problems.some((problem) => problem.startsWith(`${table}/${file}: `));
    // A bit of the Parquet copy of a checkpoint may mean nothing; then what other programs read is what was written.
    if (!file.endsWith('.checkpoint.parquet')) expect(isNamed, where).toBe(true);
    const left = await countOf(folder, table);
    if (rows !== undefined) expect(left, where).toBe(all - rows);
    else expect(left, where).toBeLessThanOrEqual(all);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
