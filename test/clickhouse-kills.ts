/** Imports into a cluster while one server after the other is killed and started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../src/kit/random.ts';
import { clusterStore, shown, someFlows, whole } from './clickhouse-fixture.ts';
import type { Servers } from './clickhouse-servers.ts';
import { importRow } from './store-fixture.ts';

const BATCH_ROWS = 500;

/**
 * Writes an import of some batches, each of several blocks, in about as many seconds; meanwhile one server, whichever, is
 * killed every second, if it runs, and started again when its session is over, some five seconds later.
 */
export const killServers = async (
  servers: Servers,
  { seed, batches }: { readonly seed: number; readonly batches: number },
): Promise<{ readonly kills: number; readonly shown: string; readonly expected: string }> => {
  const random = new Random(seed);
  const store = await clusterStore(servers, `kills_${seed}`, { blockRows: 50, patienceMs: 120_000 });
  const running = new Set(servers.servers);
  const starting: Promise<void>[] = [];
  let isOver = false;
  let kills = 0;
  const killOne = async (): Promise<void> => {
    const server = random.pick(servers.servers);
    // It is down already.
    if (!running.delete(server)) return;
    kills++;
    await server.kill();
    await server.start();
    running.add(server);
  };
  const killing = (async () => {
    while (!isOver) {
      starting.push(killOne());
      await sleep(1000);
    }
  })();
  const run = store.beginImport('a');
  try {
    for (let i = 0; i < batches; i++) {
      await run.write(someFlows('a', i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
      await sleep(2000 * random.unit());
    }
    await run.write(importRow('a'));
    await run.commit();
  } finally {
    isOver = true;
    await killing;
    await Promise.all(starting);
  }
  return { kills, shown: await shown(servers, store), expected: whole(1, batches * BATCH_ROWS) };
};
