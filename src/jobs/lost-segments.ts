/** Segments that a batch was to read and that are damaged or gone: what is done about each. */
import { SondeError } from '../kit/errors.ts';
import type { Problem, Snapshot, Store } from '../store/index.ts';
import type { Job } from './job.ts';

/** What is wrong with the tables that a job reads and fills, as far as the snapshot has come upon it. */
export const problemsOf = ({ name, inputs }: Job, { problems }: Snapshot): readonly Problem[] => {
  const tables = new Set([name, ...inputs.map(({ table }) => table)]);
  return problems.filter(({ table }) => tables.has(table));
};

/**
 * Was one of them replaced and taken off the disk while the snapshot was read? Then what was read is less than there is.
 *
 * @param snapshot after all of its segments were asked for
 */
export const isOutdated = async (store: Store, job: Job, snapshot: Snapshot): Promise<boolean> => {
  const lost = problemsOf(job, snapshot).filter(({ table, file }) =>
    snapshot.segmentsOf(table).some((segment) => segment.file === file),
  );
  if (lost.length === 0) return false;
  const now = await store.snapshot();
  try {
    return lost.some(({ table, file }) => now.segmentsOf(table).every((segment) => segment.file !== file));
  } finally {
    await now.close();
  }
};

/**
 * Refuses to put rows in place of segments of which some are damaged: these hold other windows too, whose rows would be
 * gone without a word.
 *
 * @throws SONDE_STORE_CORRUPT
 */
export const requireSound = ({ name }: Job, { problems }: Snapshot, replaced: readonly string[]): void => {
  const lost = problems.find(({ table, file }) => table === name && replaced.includes(file));
  if (lost === undefined) return;
  throw new SondeError(
    'SONDE_STORE_CORRUPT',
    `rows that are to be replaced cannot be read: ${lost.reason}`,
    { table: name, file: lost.file },
    `restore the file from a copy of the store, or take the folder ${name} away and run \`sonde jobs replay ${name}\``,
  );
};
