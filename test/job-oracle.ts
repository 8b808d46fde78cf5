/** Random jobs, and what their tables must hold: computed anew from all flows by the rules of windows, in plain TypeScript. */
import type { Random } from '../src/kit/random.ts';
import { jobText, type TestFlow } from './job-fixture.ts';

/** An input in seconds; `table` is 'flows' or the name of a job. */
interface OracleInput {
  readonly table: string;
  readonly name: string;
  readonly window: number;
  readonly delay: number;
}

/** A job that counts what its inputs hold, by client: flows, or what other jobs counted. */
export interface OracleJob {
  readonly name: string;
  readonly step: number;
  readonly lateness: number;
  readonly start: number | undefined;
  /** The first one is primary. */
  readonly inputs: readonly OracleInput[];
  readonly outputWindow: number;
}

/** What a client has in a window. */
interface Tally {
  readonly n: number;
  readonly bytes: number;
}

/** By the start of the window, by client. */
export type OracleTable = ReadonlyMap<number, ReadonlyMap<string, Tally>>;

export const toText = ({ name, step, lateness, start, inputs, outputWindow }: OracleJob): string => {
  const parts = inputs.map(({ table, name }) =>
    table === 'flows'
      ? `SELECT client, 1 AS n, up_bytes AS bytes FROM ${name}`
      : `SELECT client, n, bytes FROM ${name}`,
  );
  return jobText(
    name,
    inputs.map(
      ({ table, name, window, delay }, i) =>
        `${table} as ${name} window ${window} delay ${delay}${i === 0 && inputs.length > 1 ? ' primary' : ''}`,
    ),
    ['client text', 'n count', 'bytes count'],
    `SELECT client, sum(n) AS n, sum(bytes) AS bytes FROM (${parts.join(' UNION ALL ')}) AS parts GROUP BY client`,
    [
      `lateness ${lateness}`,
      ...(start === undefined ? [] : [`start ${new Date(1000 * start).toISOString()}`]),
      `-- Steps of ${step} s.`,
    ],
  ).replace(`output ${name}`, `output ${name} window ${outputWindow}`);
};

/** Jobs that read flows, each other and themselves, with windows that overlap, leave gaps and lie apart. */
export const randomJobs = (random: Random): readonly OracleJob[] => {
  const jobs: OracleJob[] = [];
  const count = random.between(2, 4);
  for (let i = 0; i < count; i++) {
    const name = `job${i}`;
    const step = random.pick([10, 30, 60, 90, 120, 600]);
    const inputs: OracleInput[] = [];
    const tableOf = (): string => (jobs.length > 0 && random.chance(0.6) ? random.pick(jobs).name : 'flows');
    const add = (table: string, window: number, delay: number): void => {
      inputs.push({ table, name: `in${inputs.length}`, window, delay });
    };
    add(tableOf(), step, random.pick([0, 0, 0, 10, step]));
    if (random.chance(0.5)) add(tableOf(), random.pick([5, step, step + 5, 3 * step]), random.pick([0, 0, 5, 60]));
    // A job that adds up all that it gave before would grow beyond any number if it read that twice.
    if (random.chance(0.5)) add(name, step, step * random.between(1, 2));
    jobs.push({
      name,
      step,
      inputs,
      lateness: random.pick([0, 0, 15, 60]),
      start: random.chance(0.2) ? random.between(0, 900) : undefined,
      outputWindow: step * random.pick([3, 7, 60]),
    });
  }
  return jobs;
};

const floor = (at: number, step: number): number => Math.floor(at / step) * step;

/**
 * The tables that the jobs must have filled.
 *
 * @param watermark how far the flows have come, in seconds
 */
export const expectTables = (
  jobs: readonly OracleJob[],
  flows: readonly TestFlow[],
  watermark: number,
): ReadonlyMap<string, OracleTable> => {
  const found = new Map<string, Map<number, ReadonlyMap<string, Tally>>>();
  const ready = new Map<string, number>();
  for (const { name, step, inputs, lateness, start } of jobs) {
    const passed = inputs
      .filter(({ table }) => table !== name)
      .map(({ table, delay }) => delay + (table === 'flows' ? watermark - lateness : ready.get(table)!));
    const until = floor(Math.min(...passed), step);
    ready.set(name, until);
    const windows = new Map<number, ReadonlyMap<string, Tally>>();
    found.set(name, windows);
    for (let at = start === undefined ? 0 : floor(start, step); at + step <= until; at += step) {
      const sums = new Map<string, Tally>();
      let isEmpty = true;
      const add = (client: string, n: number, bytes: number): void => {
        const sum = sums.get(client) ?? { n: 0, bytes: 0 };
        sums.set(client, { n: sum.n + n, bytes: sum.bytes + bytes });
      };
      for (const { table, window, delay } of inputs) {
        const end = at + step - delay;
        const isInside = (time: number): boolean => time >= end - window && time < end;
        if (table === 'flows') {
          for (const { at: time, client = 'a', bytes = 1 } of flows) {
            if (!isInside(time)) continue;
            isEmpty = false;
            add(client, 1, bytes);
          }
        } else
          for (const [time, rows] of found.get(table)!) {
            if (!isInside(time)) continue;
            isEmpty = false;
            for (const [client, { n, bytes }] of rows) add(client, n, bytes);
          }
      }
      if (!isEmpty) windows.set(at, sums);
    }
  }
  return found;
};

/** A table as lines, to be compared. */
export const toLines = (table: OracleTable): readonly string[] =>
  [...table].flatMap(([at, rows]) => [...rows].map(([client, { n, bytes }]) => `${at} ${client} ${n} ${bytes}`)).sort();
