/** What `sonde jobs` tells of jobs: how far they are, what they wait for, and which windows have no data. */
import type { Job, Ledger } from '../jobs/index.ts';
import { SECOND, toIsoTime } from '../kit/time.ts';
import type { Row, Snapshot } from '../store/index.ts';
import { count, type OutputColumn, type OutputRow, text, time } from './rows-output.ts';

/** The last run of each window. */
const lastRuns = `SELECT job, window_start, max(window_end) AS window_end, argMax(output_rows, attempt) AS output_rows,
    max(attempt) AS attempt, argMax(job_version, attempt) AS job_version
  FROM runs GROUP BY job, window_start`;

const statesSql = `
SELECT job, count(*) AS windows, sum(attempt) AS runs, sum(output_rows) AS output_rows,
  min(window_start) AS first_at, max(window_end) AS last_at
FROM (${lastRuns}) AS last_runs
GROUP BY job`;

const gapsSql = `
SELECT job, before_end AS gap_start, window_start AS gap_end
FROM (
  SELECT job, window_start, lag(window_end) OVER (PARTITION BY job ORDER BY window_start) AS before_end
  FROM (${lastRuns}) AS last_runs
) AS pairs
WHERE before_end < window_start
ORDER BY job, gap_start`;

const finite = (at: number): number | null => (Number.isFinite(at) ? at : null);

export const listColumns: readonly OutputColumn[] = [
  text('job'),
  count('step_s'),
  count('windows'),
  time('until'),
  count('behind_s'),
  text('state'),
  count('runs'),
  count('output_rows'),
  count('priority'),
  text('reads'),
  text('file'),
];

/** For a terminal: what fits, the rest is in the other formats. */
export const briefColumns = new Set(['job', 'step_s', 'windows', 'until', 'behind_s', 'state']);

/** The tables of inputs, each once. */
export const readsOf = (inputs: Job['inputs']): string => [...new Set(inputs.map(({ table }) => table))].join(' ');

/** A row a job. `ledger` has just looked at the snapshot. */
export const listJobs = async (snapshot: Snapshot, ledger: Ledger): Promise<readonly OutputRow[]> => {
  const states = new Map((await (await snapshot.query(statesSql)).rows()).map((row) => [row.job, row]));
  return ledger.jobs.map((job) => {
    const state: Row = states.get(job.name) ?? {};
    const passed = ledger.passed(job.name);
    const isBehind = ledger.first(job) !== undefined;
    return {
      job: job.name,
      step_s: job.stepUs / SECOND,
      windows: state.windows ?? 0,
      until: state.last_at ?? null,
      behind_s: finite(Math.max(0, Math.floor((ledger.watermark - passed) / SECOND))),
      state: isBehind ? 'to run' : 'waits',
      runs: state.runs ?? 0,
      output_rows: state.output_rows ?? 0,
      priority: job.priority,
      reads: readsOf(job.inputs),
      file: job.file,
    };
  });
};

export const gapColumns: readonly OutputColumn[] = [text('job'), time('from'), time('until'), count('windows')];

/** The stretches in which windows of a job were not run, for no input had a row, between those that were. */
export const listGaps = async (
  snapshot: Snapshot,
  ledger: Ledger,
  names: readonly string[],
): Promise<readonly OutputRow[]> => {
  const rows = await (await snapshot.query(gapsSql)).rows();
  return rows.flatMap(({ job: name, gap_start: from, gap_end: until }) => {
    const job = ledger.jobs.find((one) => one.name === name);
    if (job === undefined || (names.length > 0 && !names.includes(job.name))) return [];
    return [{ job: job.name, from, until, windows: (Number(until) - Number(from)) / job.stepUs }];
  });
};

const timeText = (at: number): string => (Number.isFinite(at) ? toIsoTime(at).replace('.000000', '') : 'nowhere yet');

/** One job in words: its inputs, how far they are, and what comes next. */
export const explainJob = async (snapshot: Snapshot, ledger: Ledger, name: string): Promise<string> => {
  const job = ledger.jobs.find((one) => one.name === name)!;
  const line = (label: string, words: string): string => `${label.padEnd(9)} ${words}\n`;
  const inputs = job.inputs.map(({ table, name, windowUs, delayUs }) => {
    const as = name === table ? '' : ` as ${name}`;
    const delay = delayUs === 0 ? '' : ` delay ${delayUs / SECOND} s`;
    const come = table === job.name ? 'what it gave before' : `has come to ${timeText(ledger.cameTo(job, table))}`;
    return line('reads', `${table}${as} window ${windowUs / SECOND} s${delay}: ${come}`);
  });
  const readers = ledger.jobs.filter((one) => one !== job && one.inputs.some(({ table }) => table === name));
  const [state] = (await listJobs(snapshot, ledger)).filter((row) => row.job === name);
  const first = ledger.first(job);
  const next =
    first === undefined
      ? `nothing: its inputs have come to ${timeText(ledger.readyUntil(job))}`
      : `the window of ${timeText(first.start)}: ${first.reason}`;
  const last = state?.until === null ? '' : `, the last to ${timeText(Number(state?.until))}`;
  return [
    line('job', `${name}${job.doc === '' ? '' : `: ${job.doc}`}`),
    line('file', `${job.file}, version ${job.version}`),
    line('window', `${job.stepUs / SECOND} s, lateness ${job.latenessUs / SECOND} s, priority ${job.priority}`),
    ...inputs,
    ...(readers.length === 0 ? [] : [line('read by', readers.map((one) => one.name).join(' '))]),
    line('done', `${state?.windows} windows in ${state?.runs} runs, ${state?.output_rows} rows${last}`),
    line('next', next),
  ].join('');
};
