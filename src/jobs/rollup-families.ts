/** Families of rollups: jobs that say the same in wider and wider bins, each made of the one before. */
import type { Job, Rollup } from './job.ts';
import { jobInvalid } from './job-invalid.ts';
import { isTicketTable } from './order-jobs.ts';

/** A job that is a rollup. */
export interface RollupJob extends Job {
  readonly rollup: Rollup;
}

/** The narrowest bins first. */
export type Family = readonly [RollupJob, ...RollupJob[]];

const isRollup = (job: Job): job is RollupJob => job.rollup !== undefined;

const shapeOf = ({ columns, rollup }: RollupJob): string =>
  JSON.stringify([rollup.bin, Object.entries(columns).map(([name, { kind }]) => [name, kind])]);

const checkStep = (narrow: RollupJob, wide: RollupJob): void => {
  const { rollup, file } = wide;
  const fail = (message: string, hint: string): never => {
    throw jobInvalid(file, rollup.place, message, hint);
  };
  if (rollup.of !== narrow.rollup.bin)
    fail(`it is made of ${narrow.name}, the bins of which are ${narrow.rollup.bin}`, `of ${narrow.rollup.bin}`);
  if (rollup.widthUs % narrow.rollup.widthUs !== 0 || rollup.widthUs === narrow.rollup.widthUs)
    fail(`its bins are not made of whole ones of ${narrow.name}`, 'give it a multiple of that width');
  if (wide.stepUs % narrow.stepUs !== 0)
    fail(`its windows are not made of whole ones of ${narrow.name}`, 'give it a multiple of that window');
  if (shapeOf(wide) !== shapeOf(narrow))
    fail(`its columns are not those of ${narrow.name}`, 'the rollups of a family have the same columns');
};

/**
 * The families by name, out of jobs in any order.
 *
 * @throws SONDE_JOB_INVALID if the rollups of a family do not stand on each other, or none on tickets
 */
export const rollupFamilies = (jobs: readonly Job[]): ReadonlyMap<string, Family> => {
  const families = new Map<string, Family>();
  const all = jobs.filter(isRollup).sort((a, b) => a.rollup.widthUs - b.rollup.widthUs);
  for (const job of all) {
    const { family, place } = job.rollup;
    const known = families.get(family);
    const { table } = job.inputs[0]!;
    if (known === undefined && !isTicketTable(table))
      throw jobInvalid(job.file, place, `${family} has no rollup of tickets`, 'the narrowest one reads tickets');
    const below = known?.at(-1);
    if (below !== undefined && below.name !== table)
      throw jobInvalid(job.file, place, `it is not made of ${below.name}`, `input ${below.name}`);
    if (below !== undefined) checkStep(below, job);
    families.set(family, known === undefined ? [job] : [...known, job]);
  }
  return families;
};
