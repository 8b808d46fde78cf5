/** The tables of a store as they were in an earlier snapshot, as long as all of it is still there. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import type { Table } from '../tickets/column.ts';
import { imports, tables } from '../tickets/index.ts';
import { DeltaLog } from './delta/delta-log.ts';
import type { SnapshotTable } from './snapshot.ts';
import { visibleTables } from './visible-tables.ts';

const gone = (snapshot: number, message: string, fields: Readonly<Record<string, string>>): SondeError =>
  new SondeError('SONDE_SNAPSHOT_GONE', message, { snapshot, ...fields }, 'ask a later one, or the store as it is now');

const isThere = ({ folder, segments }: SnapshotTable): Promise<boolean> =>
  Promise.all(segments.map(({ file }) => access(join(folder, file)))).then(
    () => true,
    () => false,
  );

/** A table of a job, as far as it was made of no later snapshot; undefined if it was not there, or not all of it is. */
const oldDerived = async (database: string, table: Table, snapshot: number): Promise<SnapshotTable | undefined> => {
  const log = new DeltaLog(database, table, { importsVersion: snapshot });
  await log.refresh();
  const { stored, folder, version, segments } = log;
  if (stored === undefined || log.problem !== undefined) return undefined;
  const old = { table: stored, folder, version, segments: [...segments.values()] };
  return (await isThere(old)) ? old : undefined;
};

/**
 * Reads them. Jobs replace what they gave again and again, so a table of theirs is left out if a part of it is gone.
 *
 * @param database the folder that holds the tables
 * @param snapshot version of the log of imports: what it had by then is visible
 * @param derived the tables of jobs as they are now
 * @throws SONDE_SNAPSHOT_GONE if a commit or a segment of it is not there any more
 */
export const oldTables = async (
  database: string,
  snapshot: number,
  derived: readonly Table[],
): Promise<readonly SnapshotTable[]> => {
  const logs = tables.map(
    (table) =>
      new DeltaLog(database, table, table.name === imports.name ? { version: snapshot } : { importsVersion: snapshot }),
  );
  const { tables: visible } = await visibleTables(logs);
  for (const { problem } of logs)
    if (problem !== undefined)
      throw gone(snapshot, `its log cannot be read: ${problem.reason}`, { table: problem.table, file: problem.file });
  for (const { table, folder, segments } of visible)
    for (const { file } of segments)
      await access(join(folder, file)).catch(() => {
        throw gone(snapshot, 'a file of the snapshot was removed since', { table: table.name, file });
      });
  const old = await Promise.all(derived.map((table) => oldDerived(database, table, snapshot)));
  return [...visible, ...old.filter((table) => table !== undefined)];
};
