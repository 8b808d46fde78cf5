/** Which of the jobs that could run is run next: priorities first, then one of DBStream's strategies. */
import { type Job, sliceOf } from './job.ts';

/**
 * - `fifo`: the oldest window first.
 * - `shared`: so does this, but windows that read the same slices go right after each other, while those are held.
 * - `freshness`: what is behind longest for the time that it takes.
 */
export const strategies = ['fifo', 'shared', 'freshness'] as const;
export type Strategy = (typeof strategies)[number];

/** A job that has a window to run. */
export interface Candidate {
  readonly job: Job;
  /** Start of that window. */
  readonly start: number;
  /** How long a window of it takes, milliseconds. */
  readonly windowMs: number;
}

/** A job is as urgent as the most urgent one that waits for its table. */
export const urgencyOf = (jobs: readonly Job[]): ReadonlyMap<string, number> => {
  const urgency = new Map(jobs.map(({ name, priority }) => [name, priority]));
  // Those that read come after those that are read.
  for (const job of [...jobs].reverse())
    for (const { table } of job.inputs)
      if (urgency.has(table)) urgency.set(table, Math.max(urgency.get(table)!, urgency.get(job.name)!));
  return urgency;
};

/** What the window reads, by table and time. */
const readsOf = ({ job, start }: Candidate): string =>
  job.inputs
    .map((input) => {
      const { from, until } = sliceOf(job, input, start);
      return `${input.table} ${from} ${until}`;
    })
    .sort()
    .join();

const endOf = ({ job, start }: Candidate): number => start + job.stepUs;

/**
 * Chooses one of at least one.
 *
 * @param now the time that the newest table has come to
 */
export const chooseJob = (
  candidates: readonly Candidate[],
  strategy: Strategy,
  urgency: ReadonlyMap<string, number>,
  now: number,
): Candidate => {
  const most = Math.max(...candidates.map(({ job }) => urgency.get(job.name) ?? 0));
  const urgent = candidates.filter(({ job }) => (urgency.get(job.name) ?? 0) === most);
  const need = (candidate: Candidate): number => (now - candidate.start) / Math.max(1, candidate.windowMs);
  const before = (a: Candidate, b: Candidate): number => {
    if (strategy === 'freshness' && need(a) !== need(b)) return need(b) - need(a);
    if (endOf(a) !== endOf(b)) return endOf(a) - endOf(b);
    if (strategy === 'shared' && readsOf(a) !== readsOf(b)) return readsOf(a) < readsOf(b) ? -1 : 1;
    return a.job.name < b.job.name ? -1 : 1;
  };
  return [...urgent].sort(before)[0]!;
};
