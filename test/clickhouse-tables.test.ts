/** The tables of a store in ClickHouse: on a cluster of old servers, and on one new server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../src/store/clickhouse/address.ts';
import { type Cluster, findCluster } from '../src/store/clickhouse/cluster.ts';
import { createTables, migrateTables } from '../src/store/clickhouse/create-tables.ts';
import { shardOfText } from '../src/store/clickhouse/shard-of.ts';
import type { Table } from '../src/tickets/column.ts';
import { tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { hasClickhouse, type Servers, startCluster } from './clickhouse-servers.ts';

/** The tables as they were before the last two columns of each. */
const earlier: readonly Table[] = tables.map((table) => ({
  ...table,
  columns: Object.fromEntries(Object.entries(table.columns).slice(0, -2)),
}));
const appended = tables.flatMap(({ name, columns }) =>
  Object.keys(columns)
    .slice(-2)
    .map((column) => `${name}.${column}`),
);

const nobody = { user: 'default', password: '' };

/** The columns of each view, as the server has them. */
const columnsOf = async (ask: (sql: string) => Promise<string>): Promise<Record<string, string[]>> => {
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const lines = (await ask(`DESCRIBE TABLE sonde.${name}`)).trim().split('\n');
    found[name] = lines.map((line) => line.split('\t')[0]!);
  }
  return found;
};

const expected = Object.fromEntries(tables.map(({ name, columns }) => [name, Object.keys(columns)]));

const texts = ['', 'a', '10.1.2.3', 'äöü€漢字\u{1f600}', 'x'.repeat(200)];
const shardsIn = `SELECT ${texts.map((text) => `halfMD5('${text}') % 7`).join(', ')}`;
const shardsHere = `${texts.map((text) => shardOfText(text, 7)).join('\t')}\n`;

describe.skipIf(!hasClickhouse)('a cluster', () => {
  let servers: Servers;
  let cluster: Cluster;
  beforeAll(async () => {
    servers = await startCluster();
    cluster = await findCluster(
      parseAddress(`clickhouse://127.0.0.1:${servers.servers[0]!.httpPort}/sonde?cluster=probes`),
      nobody,
    );
  });
  afterAll(() => servers.stop());

  test('is found with its shards and replicas', () => {
    expect(cluster).toMatchObject({ version: '18.16.1', generation: 'old' });
    expect(cluster.shards.map((replicas) => replicas.map(({ host }) => host))).toEqual([
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.3'],
    ]);
  });

  test('gets all tables on all servers, and the columns that are appended later', async () => {
    await createTables(cluster, earlier);
    expect(await migrateTables(cluster, tables)).toEqual(appended);
    expect(await migrateTables(cluster, tables)).toEqual([]);
    for (const { ask } of servers.servers) {
      expect(await columnsOf(ask)).toEqual(expected);
      for (const { name } of tables) expect(await ask(`SELECT count() FROM sonde.${name}`)).toBe('0\n');
    }
  });

  test('finds the shard of a text as we do', async () => {
    expect(await servers.servers[0]!.ask(shardsIn)).toBe(shardsHere);
  });

  test('is not taken for one server that knows blocks again', async () => {
    const alone = await findCluster(parseAddress(`clickhouse://127.0.0.1:${servers.servers[0]!.httpPort}/x`), nobody);
    await expect(createTables(alone, tables)).rejects.toMatchObject({
      code: 'SONDE_STORE_UNREADABLE',
      message: expect.stringContaining('needs ClickHouse 24 or newer'),
    });
  });

  test('has no other name', async () => {
    const address = parseAddress(`clickhouse://127.0.0.1:${servers.servers[0]!.httpPort}/sonde?cluster=other`);
    await expect(findCluster(address, nobody)).rejects.toMatchObject({ code: 'SONDE_STORE_UNREADABLE' });
  });
});

describe('one server', () => {
  let server: ChdbServer;
  beforeAll(async () => {
    server = await startChdb();
  });
  afterAll(() => server.stop());

  test('gets all tables, and the columns that are appended later', async () => {
    const one = await findCluster(parseAddress(`clickhouse://127.0.0.1:${server.port}/sonde`), nobody);
    expect(one.generation).toBe('current');
    await createTables(one, earlier);
    expect(await migrateTables(one, tables)).toEqual(appended);
    expect(await migrateTables(one, tables)).toEqual([]);
    expect(await columnsOf(server.ask)).toEqual(expected);
  });

  test('finds the shard of a text as we do', async () => {
    expect(await server.ask(shardsIn)).toBe(shardsHere);
  });
});
