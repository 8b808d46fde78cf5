/** What the tests of the store in ClickHouse share: stores on a cluster, flows of many clients, and what servers hold. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { Interner } from '../src/kit/interner.ts';
import { awaitReplicas } from '../src/store/clickhouse/await-replicas.ts';
import {
  type ClickhouseOptions,
  type ClickhouseStore,
  openClickhouse,
} from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import type { SealedBatch } from '../src/tickets/batch.ts';
import { flows, tables } from '../src/tickets/index.ts';
import type { Servers } from './clickhouse-servers.ts';
import { evening, importRow, sealRows } from './store-fixture.ts';

export const fingerprint = '0123456789abcdef';

/** A new database on the cluster, with a spool in the folder of the servers. */
export const clusterStore = async (
  { servers, folder }: Servers,
  database: string,
  options: Partial<ClickhouseOptions> = {},
): Promise<ClickhouseStore> => {
  const hosts = servers.map(({ host }) => host).join(',');
  const store = await openClickhouse(`clickhouse://${hosts}:${servers[0]!.httpPort}/${database}?cluster=probes`, {
    patienceMs: 5000,
    credentials: { user: 'default', password: '' },
    spool: join(folder, 'spool', database),
    ...options,
  });
  await createTables(store.cluster, tables);
  await store.bindKey(fingerprint);
  return store;
};

const interner = new Interner();

/** Flows `from` to `until` of an import, of 50 clients; flow n has n bytes up. */
export const someFlows = (source: string, from: number, until: number): SealedBatch =>
  sealRows(
    flows,
    Array.from({ length: until - from }, (_, i) => ({
      source,
      vantage: 'vienna',
      flow_id: (2 ** 40 + from + i).toString(16).padStart(16, '0'),
      client: `client ${(from + i) % 50}`,
      reported_at: evening + (from + i) * 1e6,
      started_at: evening + (from + i) * 1e6,
      service: ['WhatsApp', 'Skype', ''][i % 3]!,
      up_bytes: from + i,
    })),
    interner,
  );

/** Imports flows in batches. */
export const importFlows = async (
  store: ClickhouseStore,
  id: string,
  rows: number,
  batchRows = rows,
): Promise<{ readonly added: boolean }> => {
  const run = store.beginImport(id);
  try {
    for (let row = 0; row < rows; row += batchRows)
      await run.write(someFlows(id, row, Math.min(rows, row + batchRows)));
    await run.write(importRow(id));
    return await run.commit({ content: `content of ${id}` });
  } catch (error) {
    await run.abort();
    throw error;
  }
};

/** What a server shows of flows and imports. */
const shownBy = ({ ask }: Servers['servers'][number], database: string): Promise<string> =>
  ask(
    `SELECT count(), uniqExact(source, flow_id), ifNull(sum(up_bytes), 0), (SELECT count() FROM ${database}.imports)
     FROM ${database}.flows`,
  );

/** What all servers show, once the replicas hold the same rows. */
export const shown = async ({ servers }: Servers, { cluster }: ClickhouseStore): Promise<string> => {
  await awaitReplicas(cluster, ['flows_rows', 'imports_rows']);
  const { database } = cluster;
  const held = `SELECT count(), sum(up_bytes), sum(halfMD5(flow_id, source)) FROM ${database}.flows_rows`;
  expect(await servers[1]!.ask(held), 'the replicas').toBe(await servers[0]!.ask(held));
  const answers = await Promise.all(servers.map((server) => shownBy(server, database)));
  expect(answers).toEqual(answers.map(() => answers[0]));
  return answers[0]!.trim();
};

/** The same as it should be: imports of `rows` flows each. */
export const whole = (imports: number, rows: number): string =>
  [imports * rows, imports * rows, (imports * rows * (rows - 1)) / 2, imports].join('\t');
