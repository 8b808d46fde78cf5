/** What the doctor looks at in a store that is a folder. */
import { statfs } from 'node:fs/promises';
import { formatValue } from '../analysis/format.ts';
import { SondeError } from '../kit/errors.ts';
import type { Store } from '../store/index.ts';
import { type Check, checkCaptures, checkRoom } from './check-store.ts';

const checkTables = async (store: Store): Promise<string> => {
  const snapshot = await store.snapshot();
  try {
    for (const { table } of snapshot.sizes) await (await snapshot.query(`SELECT count(*) AS n FROM ${table}`)).rows();
    const [problem] = snapshot.problems;
    if (problem !== undefined) {
      throw new SondeError(
        'SONDE_STORE_CORRUPT',
        `${problem.reason}${snapshot.problems.length > 1 ? `, and ${snapshot.problems.length - 1} more like it` : ''}`,
        { table: problem.table, file: problem.file },
        'it is left out of every result; import its capture into a new store to have it back',
      );
    }
    const rows = snapshot.sizes.reduce((sum, size) => sum + size.rows, 0);
    const bytes = snapshot.sizes.reduce((sum, size) => sum + size.bytes, 0);
    const segments = snapshot.sizes.reduce((sum, size) => sum + size.segments, 0);
    return `${formatValue('count', rows)} rows in ${segments} segments, ${formatValue('bytes', bytes)}, all checksums hold`;
  } finally {
    await snapshot.close();
  }
};

const checkUnfinished = async (store: Store): Promise<string> => {
  const { sources, unreferenced } = await store.unfinished();
  const left = `${unreferenced.files} files (${formatValue('bytes', unreferenced.bytes)}) that no commit names`;
  if (sources.length > 0) {
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `imports that were interrupted, hidden from every result: ${sources.join(', ')}; ${left}`,
      {},
      'import the same captures again: that completes them',
    );
  }
  return unreferenced.files === 0 ? 'no import was interrupted' : `no import is incomplete; ${left}`;
};

const checkLabels = async (store: Store): Promise<string> => {
  const { rewritten } = await store.unfinished();
  if (rewritten.length > 0) {
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `reclassify was interrupted, or runs at this moment: all labels are as before, but other programs see new ones in ${rewritten.join(', ')}`,
      {},
      '`sonde reclassify` takes that back and begins anew',
    );
  }
  return 'no reclassify was interrupted';
};

const checkDisk = async (path: string): Promise<string> => {
  const { bavail, bsize } = await statfs(path);
  return checkRoom(bavail * bsize, { folder: path });
};

/** The checks of a folder that is there. */
export const folderChecks = (store: Store, now: Date): readonly Check[] => [
  { name: 'tables', run: () => checkTables(store) },
  { name: 'imports', run: () => checkUnfinished(store) },
  { name: 'labels', run: () => checkLabels(store) },
  { name: 'captures', run: () => checkCaptures(store, now) },
  { name: 'disk', run: () => checkDisk(store.path) },
];
