/** The imports of one store into another, each once: from a folder into a ClickHouse, and back. */
import { SondeError } from '../kit/errors.ts';
import { Interner } from '../kit/interner.ts';
import { sealBatch } from '../tickets/batch.ts';
import { imports, tables } from '../tickets/index.ts';
import type { Checksum } from './checksum.ts';
import { fillBatches } from './rows-to-batches.ts';
import type { TicketSnapshot, TicketStore } from './ticket-store.ts';

interface Copied {
  /** Imports that were copied, and those that the other store had. */
  readonly copied: number;
  readonly known: number;
  /** Live captures that still run: their rows may change, so they are left for later. */
  readonly running: number;
  /** What the other store has of these imports, by table; the same as the one they come from. */
  readonly checksums: readonly Checksum[];
}

/** Batches share their texts until there are so many: only then may a block go on from one to the next. */
const MAX_TEXTS = 1 << 20;

const sharedTexts = (): (() => Interner) => {
  let interner = new Interner();
  return () => {
    if (interner.size > MAX_TEXTS) interner = new Interner();
    return interner;
  };
};

const copyOne = async (id: string, from: TicketSnapshot, to: TicketStore, content: string): Promise<boolean> => {
  const run = to.beginImport(id);
  try {
    for (const table of tables) {
      const column = table.name === imports.name ? 'id' : 'source';
      const sql = `SELECT ${Object.keys(table.columns).join(', ')} FROM ${table.name} WHERE ${column} = {id:String}`;
      const rows = await from.query(sql, { id });
      for await (const batch of fillBatches(table, rows, sharedTexts())) await run.write(sealBatch(batch));
    }
    return (await run.commit({ content })).added;
  } catch (error) {
    await run.abort();
    throw error;
  }
};

/** Both stores must have the same. @throws SONDE_STORE_CORRUPT */
const verify = async (ids: readonly string[], from: TicketStore, to: TicketStore): Promise<readonly Checksum[]> => {
  const [own, copies] = [await from.checksums(ids), await to.checksums(ids)];
  for (const [i, { table, rows, sum }] of own.entries()) {
    const copy = copies[i]!;
    if (copy.rows === rows && copy.sum === sum) continue;
    throw new SondeError(
      'SONDE_STORE_CORRUPT',
      `the copy of ${table} is not what it was copied from: ${copy.rows} rows of ${rows}, or other values in them`,
      { table, from: from.path, to: to.path },
      'copy into an empty database or folder',
    );
  }
  return copies;
};

/**
 * Copies what `to` lacks, import by import, so that a copy that was broken off goes on where it was, and compares what both
 * have then. `to` is bound to the key of `from`.
 *
 * @param isRunning of the ids of live captures
 * @throws what either store throws, SONDE_STORE_CORRUPT if the two differ then
 */
export const copyStore = async (
  from: TicketStore,
  to: TicketStore,
  isRunning: (id: string) => boolean,
): Promise<Copied> => {
  const key = await from.keyFingerprint();
  if (key !== undefined) await to.bindKey(key);
  const snapshot = await from.snapshot();
  try {
    const rows = await (await snapshot.query('SELECT id, state FROM imports ORDER BY reported_at, id')).rows();
    const ids = rows.map(({ id }) => String(id));
    const still = new Set(ids.filter((id, i) => rows[i]!.state === 'running' && isRunning(id)));
    const whole = ids.filter((id) => !still.has(id));
    let copied = 0;
    for (const id of whole)
      if (!(await to.hasImport(id)) && (await copyOne(id, snapshot, to, await from.contentOf(id)))) copied++;
    const checksums = await verify(whole, from, to);
    return { copied, known: whole.length - copied, running: still.size, checksums };
  } finally {
    await snapshot.close();
  }
};
