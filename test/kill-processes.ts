/** Processes that import, capture, merge, reclassify and run jobs over one store, and are killed; a reader that looks all the time; and what there must be in the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Random } from '../src/kit/random.ts';
import { openStore, type Row, type Snapshot, type Store } from '../src/store/index.ts';
import { jobText } from './job-fixture.ts';
import { type Contents, contentsOf } from './store-contents.ts';
import { ask } from './store-fixture.ts';

/** Longer than any look takes, and any step of the others. */
const GRACE_MS = 10_000;
const endless = 1e9;

/** Each row tells how many flows its whole window has: what is there by half does not add up. */
const texts = [
  jobText(
    'minutes',
    ['flows window 60'],
    ['service text', 'client text', 'n count', 'total count'],
    'SELECT service, client, count(*) AS n, sum(count(*)) OVER () AS total FROM flows GROUP BY service, client',
  ).replace('output minutes', 'output minutes window 300'),
  jobText(
    'so_far',
    ['minutes window 60 primary', 'so_far window 60 delay 60'],
    ['service text', 'n count', 'total count'],
    `SELECT service, sum(n) AS n, sum(sum(n)) OVER () AS total
     FROM (SELECT service, n FROM minutes UNION ALL SELECT service, n FROM so_far) AS known GROUP BY service`,
  ).replace('output so_far', 'output so_far window 600'),
];
const jobTables = ['minutes', 'so_far'];

interface Message {
  readonly kind: 'at work' | 'stored';
  readonly id?: string;
  readonly rows?: number;
}

interface Worker {
  readonly process: ChildProcess;
  /** Fails if the process ends before. */
  readonly isAtWork: Promise<unknown>;
  readonly end: Promise<number | null>;
}

const start = (path: string, role: string, task: object, onMessage: (message: Message) => void = () => {}): Worker => {
  const child = fork(fileURLToPath(new URL('kill-child.mjs', import.meta.url)), [
    JSON.stringify({ path, role, ...task }),
  ]);
  const end = once(child, 'exit').then(([code]) => code as number | null);
  child.on('message', onMessage);
  const isAtWork = Promise.race([
    once(child, 'message'),
    end.then((code) => Promise.reject(new Error(`${role} ended with ${code}`))),
  ]);
  // It may end later, by a kill.
  isAtWork.catch(() => undefined);
  return { process: child, isAtWork, end };
};

const runOnce = async (path: string, role: string, task: object): Promise<void> => {
  expect(await start(path, role, task).end, role).toBe(0);
};

const looksSql = `
SELECT source, 'flows' AS name, count(*) AS n, min(service) AS label, max(service) AS other FROM flows GROUP BY source
UNION ALL
SELECT source, 'dns', count(*), min(service), max(service) FROM dns GROUP BY source
UNION ALL
SELECT id, 'imports', sum(row_count), min(databases), max(databases) FROM imports GROUP BY id`;

/** Windows that are not whole, or there twice. */
const brokenSql = (table: string): string => `
SELECT reported_at, count(DISTINCT source) AS runs, sum(n) AS n, min(total) AS least, max(total) AS most
FROM ${table} GROUP BY reported_at HAVING runs <> 1 OR n <> least OR least <> most`;

const rowsOf = async (snapshot: Snapshot, sql: string): Promise<readonly Row[]> => (await snapshot.query(sql)).rows();

/** Rows by import and stream, each of which must be whole, with labels that one rewrite gave. */
const look = async (store: Store): Promise<ReadonlyMap<string, number>> => {
  const snapshot = await store.snapshot();
  try {
    const sources = new Map<string, Row[]>();
    for (const row of await rowsOf(snapshot, looksSql))
      sources.set(String(row.source), [...(sources.get(String(row.source)) ?? []), row]);
    for (const [source, rows] of sources) {
      expect(new Set(rows.map(({ n }) => n)).size, JSON.stringify(rows)).toBe(1);
      expect(rows, source).toHaveLength(3);
      if (source.startsWith('stream')) continue;
      // What came while labels changed has the old ones in some tables, but never two kinds of new ones.
      const labels = new Set(rows.flatMap(({ label, other }) => [label, other]).filter((label) => label !== 'new'));
      expect(labels.size, JSON.stringify(rows)).toBeLessThan(2);
    }
    for (const table of jobTables)
      if (snapshot.tableOf(table) !== undefined) expect(await rowsOf(snapshot, brokenSql(table)), table).toEqual([]);
    expect(snapshot.problems).toEqual([]);
    return new Map([...sources].map(([source, rows]) => [source, Number(rows[0]!.n)]));
  } finally {
    await snapshot.close();
  }
};

interface Whole {
  readonly contents: Contents;
  /** By table of jobs, without the ids of runs. */
  readonly derived: readonly (readonly Row[])[];
  readonly windows: readonly Row[];
}

/** What a store shows, after a look at every bit of it. */
const wholeOf = async (path: string): Promise<Whole> => {
  const store = await openStore(path);
  expect((await store.verify()).flatMap(({ problems }) => problems)).toEqual([]);
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
  const derived: (readonly Row[])[] = [];
  for (const table of jobTables) {
    derived.push(await ask(store, `SELECT * EXCLUDE (source) FROM ${table} ORDER BY ALL`));
    expect(await ask(store, `SELECT source FROM ${table} WHERE source NOT IN (SELECT id FROM runs)`)).toEqual([]);
  }
  const windows = await ask(store, 'SELECT DISTINCT job, window_start FROM runs ORDER BY ALL');
  return { contents: await contentsOf(path), derived, windows };
};

/** The end of all work: everything has the last labels, and jobs have seen it. */
const finish = async (path: string): Promise<void> => {
  await runOnce(path, 'reclassify', { label: 'last', rounds: 1 });
  await runOnce(path, 'jobs', { texts, rounds: 1 });
  await runOnce(path, 'compact', { rounds: 1, grace: { removedMs: -1, unnamedMs: -1 } });
};

/**
 * Lets five processes work on a store, kills any of them at random moments, and starts it again. At each look of a reader
 * everything is whole, and all that was acknowledged is there. In the end all is done again, and is as in a store where
 * nothing was killed.
 *
 * @param folder of the two stores
 * @returns how often was looked, and what was stored
 */
export const killAll = async (folder: string, random: Random, kills: number) => {
  const path = `${folder}/killed`;
  const stored = new Map<string, number>();
  const begun = new Set<number>();
  let streams = 0;
  const note = ({ kind, id, rows }: Message): void => {
    if (kind === 'stored') stored.set(id!, rows!);
  };
  const begin: Readonly<Record<string, () => Worker>> = {
    import: () => {
      const isStored = (number: number): boolean => stored.has(`import-${number}`);
      // A killed one is tried again at once, or lies about until the end.
      const first = [...begun].filter((number) => !isStored(number) && random.chance(0.5));
      const next = Array.from({ length: 1000 }, (_, i) => 1000 * (begun.size + 1) + i);
      const numbers = [...first, ...next];
      const worker = start(path, 'import', { numbers }, (message) => {
        note(message);
        const following = numbers.find((number) => !isStored(number));
        if (following !== undefined) begun.add(following);
      });
      return worker;
    },
    capture: () => start(path, 'capture', { id: `stream-${++streams}`, commits: endless }, note),
    compact: () => start(path, 'compact', { rounds: endless, grace: { removedMs: GRACE_MS, unnamedMs: 3_600_000 } }),
    reclassify: () => start(path, 'reclassify', { label: `label-${random.word()}`, rounds: endless }),
    jobs: () => start(path, 'jobs', { texts, rounds: endless }),
  };
  const roles = Object.keys(begin);
  const workers = new Map(roles.map((role) => [role, begin[role]!()]));
  const end = async (role: string): Promise<void> => {
    const worker = workers.get(role)!;
    worker.process.kill('SIGKILL');
    expect(await worker.end, `${role} was at work`).toBe(null);
  };

  let isOver = false;
  let looks = 0;
  const reading = (async () => {
    const kept = await openStore(path, { threads: 1 });
    let before: ReadonlyMap<string, number> = new Map();
    for (; !isOver; looks++) {
      const known = new Map([...before, ...stored]);
      const seen = await look(looks % 2 === 0 ? kept : await openStore(path, { threads: 1 }));
      for (const [id, rows] of known) expect(seen.get(id) ?? 0, id).toBeGreaterThanOrEqual(rows);
      before = seen;
    }
  })().finally(() => {
    isOver = true;
  });
  const killing = (async () => {
    try {
      for (let kill = 0; kill < kills && !isOver; kill++) {
        const role = random.pick(roles);
        await workers.get(role)!.isAtWork;
        await sleep(random.between(0, 500));
        await end(role);
        workers.set(role, begin[role]!());
      }
    } finally {
      for (const { process } of workers.values()) process.kill('SIGKILL');
      isOver = true;
    }
  })();
  reading.catch(() => undefined);
  await killing;
  await reading;

  const numbers = [...begun];
  await runOnce(path, 'import', { numbers });
  await finish(path);
  const seen = await look(await openStore(path));
  const whole = await wholeOf(path);

  const reference = `${folder}/reference`;
  await runOnce(reference, 'import', { numbers });
  for (const [id, rows] of seen)
    if (id.startsWith('stream')) await runOnce(reference, 'capture', { id, commits: rows / 24 });
  await finish(reference);
  expect(whole).toEqual(await wholeOf(reference));
  return { looks, imports: numbers.length, streams, rows: whole.contents.flows![0] };
};
