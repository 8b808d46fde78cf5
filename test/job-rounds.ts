/** Rounds of imports and runs of random jobs, each compared with what they must have given. */
import { expect } from 'vitest';
import { strategies } from '../src/jobs/choose-job.ts';
import { Random } from '../src/kit/random.ts';
import type { Store } from '../src/store/index.ts';
import { importFlows, rowsOf, schedule, type TestFlow } from './job-fixture.ts';
import { expectTables, randomJobs, toLines, toText } from './job-oracle.ts';

/** Most come in order; some are late, and some far ahead, so that nothing is known of the time between. */
const randomFlows = (random: Random, now: number): readonly TestFlow[] =>
  Array.from({ length: random.between(1, 40) }, () => ({
    at: random.chance(0.2) ? random.between(0, now) : now + random.between(0, 400) + (random.chance(0.02) ? 1500 : 0),
    client: random.pick(['a', 'b', 'c']),
    bytes: random.between(0, 1000),
  }));

/** Imports, runs, restarts: the tables are always those of a full recompute. */
export const playRounds = async (store: Store, seed: number, rounds: number): Promise<void> => {
  const random = new Random(seed);
  const jobs = randomJobs(random);
  const texts = jobs.map(toText);
  const flows: TestFlow[] = [];
  const begin = () => schedule(store, texts, { strategy: random.pick(strategies), parallel: random.between(1, 3) });
  let scheduler = await begin();
  let now = 0;
  for (let round = 0; round < rounds; round++) {
    const fresh = randomFlows(random, now);
    flows.push(...fresh);
    now = Math.max(now, ...fresh.map(({ at }) => at));
    await importFlows(store, `round-${round}`, fresh, now);
    if (random.chance(0.3)) continue;
    if (random.chance(0.5)) scheduler = await begin();
    const failures = await scheduler.drain();
    expect(failures, `seed ${seed}`).toEqual([]);
    const expected = expectTables(jobs, flows, now);
    for (const { name } of jobs) {
      const rows = await rowsOf(store, name, 'client, n, bytes').catch(() => []);
      const found = rows.map(({ at, client, n, bytes }) => `${at} ${client} ${n} ${bytes}`).sort();
      expect(found, `seed ${seed}, round ${round}, ${name} of\n${texts.join('\n')}`).toEqual(
        toLines(expected.get(name)!),
      );
    }
  }
};
