/** Runs of jobs that are killed at any moment: no window shows by half, none is there twice, and the next run gives what one without a kill gives. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { importFlows, jobText, type TestFlow } from './job-fixture.ts';

const seed = Number(process.env.SONDE_SEED ?? 20140222);
const kills = Number(process.env.SONDE_KILLS ?? 6);

const jobs = {
  minutes: jobText(
    'minutes',
    ['flows window 60'],
    ['client text', 'n count'],
    'SELECT client, count(*) AS n FROM flows GROUP BY client',
  ).replace('output minutes', 'output minutes window 1200'),
  so_far: jobText(
    'so_far',
    ['minutes window 60 primary', 'so_far window 60 delay 60'],
    ['client text', 'n count'],
    `SELECT client, sum(n) AS n FROM (SELECT client, n FROM minutes UNION ALL SELECT client, n FROM so_far) AS known
     GROUP BY client`,
  ).replace('output so_far', 'output so_far window 600'),
};
const names = Object.keys(jobs);

let box: Sandbox;
beforeAll(() => {
  box = makeSandbox();
  for (const [name, text] of Object.entries(jobs)) writeFileSync(join(box.folder, `${name}.job.sql`), text);
});
afterAll(() => box.remove());

const runArgs = (store: string): string[] => ['jobs', 'run', ...names, '--jobs', '.', '--db', store];

const rowsIn = async (store: string, table: string): Promise<readonly string[]> => {
  const { code, out } = await box.sonde([
    'query',
    `SELECT epoch_us(reported_at) // 60000000 AS minute, client, n FROM ${table} ORDER BY ALL`,
    '--db',
    store,
    '--format',
    'csv',
  ]);
  // Before its first commit there is no such table.
  return code === 0 ? out.trim().split('\n').slice(1) : [];
};

const windowOf = (row: string): string => row.split(',')[0]!;

/** Each window is as in the reference, or not there at all. */
const expectWholeWindows = (rows: readonly string[], allowed: readonly (readonly string[])[], where: string): void => {
  for (const window of new Set(rows.map(windowOf))) {
    const own = rows.filter((row) => windowOf(row) === window);
    const known = allowed.map((reference) => reference.filter((row) => windowOf(row) === window));
    expect(known, `${where}, window ${window}`).toContainEqual(own);
  }
};

describe(`kills of jobs run, seed ${seed}`, () => {
  const references = new Map<string, { readonly before: readonly string[]; readonly after: readonly string[] }>();
  let tookMs = 0;

  beforeAll(async () => {
    const random = new Random(seed);
    const store = await openStore(join(box.folder, 'flows'));
    await store.bindKey('0123456789abcdef');
    const spread = (count: number): TestFlow[] =>
      Array.from({ length: count }, () => ({ at: random.between(0, 2 * 3600), client: random.pick(['a', 'b', 'c']) }));
    await importFlows(store, 'first', spread(600));
    cpSync(join(box.folder, 'flows'), join(box.folder, 'whole'), { recursive: true });
    const began = performance.now();
    await box.run(runArgs('whole'));
    tookMs = performance.now() - began;
    const before = await Promise.all(names.map((name) => rowsIn('whole', name)));
    // Late rows, so that the killed run replaces what another one gave.
    cpSync(join(box.folder, 'whole'), join(box.folder, 'late'), { recursive: true });
    await importFlows(await openLate(), 'second', spread(20));
    cpSync(join(box.folder, 'late'), join(box.folder, 'late-whole'), { recursive: true });
    await box.run(runArgs('late-whole'));
    const after = await Promise.all(names.map((name) => rowsIn('late-whole', name)));
    for (const [i, name] of names.entries()) references.set(name, { before: before[i]!, after: after[i]! });
    expect(before[1]!.length).toBeGreaterThan(200);
  }, 300_000);

  const openLate = async () => {
    const store = await openStore(join(box.folder, 'late'));
    await store.bindKey('0123456789abcdef');
    return store;
  };

  test(
    'leave whole windows, and a repeat gives what a run without a kill gives',
    async () => {
      let killed = 0;
      for (let i = 0; i < kills; i++) {
        const random = new Random(seed).fork(i);
        const from = i % 2 === 0 ? 'flows' : 'late';
        const store = `killed-${i}`;
        cpSync(join(box.folder, from), join(box.folder, store), { recursive: true });
        const controller = new AbortController();
        const outcome = box.sonde(runArgs(store), { kill: controller.signal });
        const share = 0.2 + 0.6 * random.unit();
        await Promise.race([sleep(share * tookMs), outcome]);
        controller.abort();
        if ((await outcome).code === null) killed++;
        const where = `seed ${seed}, kill ${i} of ${from} at ${(100 * share).toFixed(0)} %`;
        for (const name of names) {
          const { before, after } = references.get(name)!;
          const rows = await rowsIn(store, name);
          expectWholeWindows(rows, from === 'late' ? [before, after] : [before], where);
        }
        await box.run(runArgs(store));
        for (const name of names) {
          const { before, after } = references.get(name)!;
          expect(await rowsIn(store, name), `${where}, ${name} after a repeat`).toEqual(
            from === 'late' ? after : before,
          );
        }
        rmSync(join(box.folder, store), { recursive: true });
      }
      expect(killed, 'kills that came in time').toBeGreaterThan(0);
    },
    60_000 * kills,
  );

  test('two processes at the same jobs give each window once', async () => {
    cpSync(join(box.folder, 'flows'), join(box.folder, 'two'), { recursive: true });
    await Promise.all([box.run(runArgs('two')), box.run(runArgs('two'))]);
    for (const name of names) expect(await rowsIn('two', name)).toEqual(references.get(name)!.before);
    const { out } = await box.run([
      'query',
      `SELECT job, count(*) AS records, count(DISTINCT (window_start, attempt)) AS runs FROM runs GROUP BY job`,
      '--db',
      'two',
      '--format',
      'json',
    ]);
    for (const { records, runs } of JSON.parse(out)) expect(runs).toBe(records);
  }, 300_000);
});
