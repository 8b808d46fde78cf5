/** The soak test of delivery to a cluster: 30 batches, of which each is spread over many blocks, while a server is killed every second. */
import { expect, test } from 'vitest';
import { killServers } from '../clickhouse-kills.ts';
import { startCluster } from '../clickhouse-servers.ts';
import { load, report, save } from './state.ts';

const NAME = 'clickhouse';
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const batches = 30;

test(`${batches} batches into a cluster whose servers are killed, seed ${seed}`, async () => {
  if (load(NAME) !== undefined) return;
  const servers = await startCluster();
  try {
    const { kills, shown, expected } = await killServers(servers, { seed, batches });
    expect(shown).toBe(expected);
    report(
      `- ClickHouse, seed ${seed}: ${batches} batches into two shards, three servers, of which one was killed every second if it ran (${kills} kills): every row once, replicas equal.`,
    );
    save(NAME, { seed, kills });
  } finally {
    await servers.stop();
  }
});
