import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasClickhouse, type Servers, startCluster } from './clickhouse-servers.ts';

describe.skipIf(!hasClickhouse)('a cluster of servers', () => {
  let cluster: Servers;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  test('has two shards, the first of them with two replicas, which get what the other one was given', async () => {
    const [first, second, third] = cluster.servers;
    const shards = await third!.ask("SELECT shard_num, host_name FROM system.clusters WHERE cluster = 'probes'");
    expect(shards).toBe('1\t127.0.0.1\n1\t127.0.0.2\n2\t127.0.0.3\n');
    for (const server of [first!, second!])
      await server.ask(
        `CREATE TABLE seen (n Int64) ENGINE = ReplicatedMergeTree('/seen', '${server.host}') ORDER BY n`,
      );
    await first!.ask('INSERT INTO seen VALUES (1)');
    await second!.kill();
    await first!.ask('INSERT INTO seen VALUES (2)');
    await second!.start();
    await second!.ask('SYSTEM SYNC REPLICA seen');
    expect(await second!.ask('SELECT sum(n) FROM seen')).toBe('3\n');
  });
});
