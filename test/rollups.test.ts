/** Analyses say the same from rollups as from tickets: whatever was run, came late, or lies at the edges of their range. */
import { expect, onTestFinished, test } from 'vitest';
import { analyses } from '../src/analysis/index.ts';
import type { Query, Row } from '../src/analysis/query.ts';
import { runAnalysis } from '../src/analysis/run-analysis.ts';
import { rollupFamilies, Scheduler } from '../src/jobs/index.ts';
import { Random } from '../src/kit/random.ts';
import { DAY, HOUR } from '../src/kit/time.ts';
import { openWorkbench, type Snapshot, type Store, type Workbench } from '../src/store/index.ts';
import { plantImport, queryOver, shippedJobs } from './planted-store.ts';
import { randomTraffic } from './random-traffic.ts';
import { snapshotOf, ask as sonde, temporaryStore } from './store-fixture.ts';

const begin = Date.UTC(2014, 1, 22) * 1000;
const end = begin + 3 * DAY;

const jobs = [...rollupFamilies(shippedJobs).values()].flat();

const roll = async (store: Store, bench: Workbench, until?: number, some = jobs): Promise<void> => {
  const options = { strategy: 'fifo', parallel: 1, now: Date.now, until } as const;
  const scheduler = new Scheduler(store, bench, some, options);
  expect(await scheduler.drain()).toEqual([]);
  await scheduler.close();
};

/** Sums of doubles depend on their order, all else must be the same. */
const comparable = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(9) : value,
      ]),
    ),
  );

/** A query function that asks both ways and compares. */
const compare =
  (snapshot: Snapshot, rolled: Query, asked: string[]): Query =>
  async (sql, parameters) => {
    const answer = await rolled(sql, parameters);
    const raw = await (await snapshot.query(answer.sql, parameters)).rows();
    expect(comparable(answer.rows), `${sql}\n${JSON.stringify(parameters)}`).toEqual(comparable(raw));
    if (answer.sql !== sql && answer.rows.length > 0) asked.push(sql);
    return answer;
  };

const randomRange = (random: Random) => {
  const edge = (): number => {
    const at = random.between(begin / HOUR, end / HOUR) * HOUR;
    return random.pick([at, at + 1, at - 1, Math.floor(at / DAY) * DAY, at + random.between(0, HOUR / 1000) * 999]);
  };
  const [a, b] = [edge(), edge()].sort((x, y) => x - y) as [number, number];
  return random.chance(0.2) ? {} : { from: a, until: b + 1 };
};

const seeds = [20140222, 20140223, 20140224];

test.each(seeds)(
  'every query of every analysis, seed %i',
  async (seed) => {
    const random = new Random(seed);
    const store = await temporaryStore({ memoryMb: 512, threads: 1 });
    const bench = await openWorkbench({ memoryMb: 512, threads: 1 });
    const asked: string[] = [];
    for (let round = 0; round < 3; round++) {
      const from = begin + (random.chance(0.3) ? 0 : round * DAY);
      const until = Math.min(end, from + DAY + random.between(0, HOUR));
      const id = `round-${round}`;
      const traffic = randomTraffic(random, 300, from, until);
      await plantImport(store, { id, import: { first_at: from, last_at: until }, ...traffic });
      if (random.chance(0.75))
        await roll(store, bench, random.chance(0.5) ? undefined : begin + random.between(1, 80) * HOUR);
      const snapshot = await store.snapshot();
      const query = compare(snapshot, await queryOver(snapshot, bench), asked);
      for (let i = 0; i < 3; i++) {
        const scope = {
          timezone: 'UTC',
          service: random.pick(['whatsapp', 'signal', undefined]),
          ...randomRange(random),
        };
        for (const analysis of analyses) await runAnalysis(analysis, query, scope);
      }
      await snapshot.close();
    }
    bench.close();
    expect(asked.length).toBeGreaterThan(20);
  },
  300_000,
);

const volumes = (query: Query) =>
  query(
    'SELECT service, sum(flows) AS n, sum(up_bytes) AS up FROM flow_use({from:Int64}, {until:Int64}) GROUP BY service ORDER BY service',
    {
      from: begin,
      until: end,
    },
  );

/** A store with two days of traffic, all of it rolled up, and an engine beside it. */
const rolledStore = async () => {
  const store = await temporaryStore({ memoryMb: 512, threads: 1 });
  const bench = await openWorkbench({ memoryMb: 512, threads: 1 });
  onTestFinished(() => bench.close());
  const traffic = randomTraffic(new Random(5), 400, begin, begin + 2 * DAY);
  await plantImport(store, { id: 'a', import: { first_at: begin, last_at: end }, ...traffic });
  const later = { started_at: end + 9 * DAY, reported_at: end + 9 * DAY };
  await plantImport(store, { id: 'b', import: { last_at: end + 10 * DAY }, flows: [later] });
  await roll(store, bench);
  const ask = async () => {
    const snapshot = await snapshotOf(store);
    return (await volumes(await queryOver(snapshot, bench))).rows;
  };
  return { store, bench, ask };
};

test('what was made of tickets stays when these are removed by age', async () => {
  const { store, ask } = await rolledStore();
  const before = await ask();
  expect(before.length).toBeGreaterThan(1);
  await store.retain({ ageUs: DAY });
  const snapshot = await snapshotOf(store);
  expect(await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows()).toEqual([{ n: 1 }]);
  expect(await ask()).toEqual(before);
});

test('rows of another text of a rollup are not taken, and are made anew', async () => {
  const { store, bench, ask } = await rolledStore();
  const before = await ask();
  const edited = jobs.map((job) => {
    if (job.rollup!.family !== 'flow_use') return job;
    return { ...job, version: 'edited', sql: job.sql.replace('count(*) AS flows', 'count(*) * 2 AS flows') };
  });
  await roll(store, bench, undefined, edited);
  const [row] = await sonde(store, 'SELECT sum(flows) AS n FROM flow_use_days');
  expect(row!.n).toBe(2 * 401);
  expect(await ask()).toEqual(before);
  await roll(store, bench);
  expect(await sonde(store, 'SELECT sum(flows) AS n FROM flow_use_days')).toEqual([{ n: 401 }]);
  expect(await ask()).toEqual(before);
});
