/** The tables of a store as they were in an earlier snapshot, as long as all of it is still there. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { imports, tables } from '../tickets/index.ts';
import { DeltaLog } from './delta/delta-log.ts';
import type { SnapshotTable } from './snapshot.ts';
import { visibleTables } from './visible-tables.ts';

const gone = (snapshot: number, message: string, fields: Readonly<Record<string, string>>): SondeError =>
  new SondeError('SONDE_SNAPSHOT_GONE', message, { snapshot, ...fields }, 'ask a later one, or the store as it is now');

/**
 * Reads them.
 *
 * @param database the folder that holds the tables
 * @param snapshot version of the log of imports: what it had by then is visible
 * @throws SONDE_SNAPSHOT_GONE if a commit or a segment of it is not there any more
 */
export const oldTables = async (database: string, snapshot: number): Promise<readonly SnapshotTable[]> => {
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
  return visible;
};
