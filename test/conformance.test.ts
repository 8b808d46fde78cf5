/** Every query of the product gives the same on both engines, by type: whole numbers exactly, reals to 1e-9, NULL is not 0. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyses } from '../src/analysis/index.ts';
import { fillParameters } from '../src/analysis/query.ts';
import { loadJobs, overTickets, rollupFamilies } from '../src/jobs/index.ts';
import { outputTable } from '../src/jobs/output-table.ts';
import { Random } from '../src/kit/random.ts';
import { DAY, HOUR, MINUTE } from '../src/kit/time.ts';
import { openClickhouse } from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import { columnsOf } from '../src/store/clickhouse/ddl.ts';
import { NativeBlock } from '../src/store/clickhouse/native-block.ts';
import { ask } from '../src/store/clickhouse/server.ts';
import { openStore, type Row, type TicketSnapshot, type TicketStore } from '../src/store/index.ts';
import type { SealedBatch } from '../src/tickets/batch.ts';
import type { Table } from '../src/tickets/column.ts';
import { tables } from '../src/tickets/index.ts';
import { anyRows } from './any-rows.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { fingerprint } from './clickhouse-fixture.ts';
import { plantTraffic } from './planted-traffic.ts';
import { sealRows } from './store-fixture.ts';

const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const root = fileURLToPath(new URL('..', import.meta.url));
const from = Date.UTC(2014, 1, 22, 16) * 1000;
const until = from + 6 * HOUR;

const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();

const jobs = loadJobs([join(root, 'jobs')]);
const families = rollupFamilies(jobs);
const derived = jobs.map((job) => outputTable(job));

/** What may be bound; a query that asks for something else fails here until it stands here. */
const parameters: Readonly<Record<string, string | number>> = {
  ...Object.fromEntries(analyses.flatMap(({ options }) => options.map(({ name, initial }) => [name, initial]))),
  beginning: 0,
  client: '',
  from: from + HOUR + 1,
  until: until - HOUR,
  bin_origin: from,
  bin_width: 5 * MINUTE,
  minute_from: from + HOUR,
  minute_origin: from,
  minute_width: 5 * MINUTE,
  hour: HOUR,
  day: DAY,
  block: DAY,
  slot_hours: 2,
  bin: HOUR,
  window_start: from,
  window_end: until,
};

const parametersOf = (sql: string, service: string): Record<string, string | number> => {
  const names = [...sql.matchAll(/\{(\w+):\w+\}/g)].map(([, name]) => name!);
  const all: Readonly<Record<string, string | number>> = { ...parameters, service };
  expect(names.filter((name) => !(name in all))).toEqual([]);
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
};

/** The batches of an import of any rows. */
const anyImport = (id: string): readonly SealedBatch[] =>
  tables.map((table, i) => {
    const isImports = table.name === 'imports';
    const rows = anyRows(new Random(seed).fork(i), table, isImports ? 1 : 400, from);
    return sealRows(
      table,
      rows.map((row) => ({ ...row, source: id, ...(isImports ? { id } : {}) })),
    );
  });

const plant = async (store: TicketStore): Promise<void> => {
  await store.bindKey(fingerprint);
  const planted = plantTraffic(7).map(({ id, flows = [], counters = [], import: about }) => ({
    id,
    batches: tables.flatMap((table) => {
      const rows = { flows, counters, imports: [{ id, ...about }] }[table.name] ?? [];
      return rows.length === 0
        ? []
        : [
            sealRows(
              table,
              rows.map((row) => ({ reported_at: from, ...row, source: id })),
            ),
          ];
    }),
  }));
  for (const { id, batches } of [...planted, { id: 'any', batches: anyImport('any') }]) {
    const run = store.beginImport(id);
    for (const batch of batches) await run.write(batch);
    await run.commit();
  }
};

let server: ChdbServer;
let snapshots: readonly TicketSnapshot[];

beforeAll(async () => {
  server = await startChdb();
  const db = `clickhouse://127.0.0.1:${server.port}/sonde`;
  const credentials = { user: 'default', password: '' };
  const clickhouse = await openClickhouse(db, { credentials, spool: join(server.folder, 'spool') });
  await createTables(clickhouse.cluster, tables);
  const folder = await openStore(join(server.folder, 'store'));
  await plant(folder);
  await plant(clickhouse);
  for (const [i, table] of derived.entries()) {
    const batch = sealRows(table, anyRows(new Random(seed).fork(100 + i), table, 200, from));
    const rows = (async function* () {
      yield batch;
    })();
    await folder.replace(table, { transaction: { appId: 'any', version: 1 }, rows, snapshot: -1, removed: [] });
    await plantDerived(table, batch);
  }
  snapshots = [await folder.snapshot(), await clickhouse.snapshot()];
}, 60_000);
afterAll(async () => {
  await snapshots?.[0]?.close();
  await server.stop();
});

/** A ClickHouse has no tables of jobs; here it gets them, for their queries. */
const plantDerived = async (table: Table, batch: SealedBatch): Promise<void> => {
  const own = columnsOf(table, 'current').filter(([name]) => name in table.columns);
  const types = own.map(([name, type]) => `${name} ${type}`).join(', ');
  await server.ask(`CREATE TABLE sonde.${table.name} (${types}) ENGINE = MergeTree ORDER BY tuple()`);
  const block = new NativeBlock(table, 'current');
  block.add(
    batch,
    Int32Array.from({ length: batch.rows }, (_, row) => row),
  );
  const { columns, bytes } = block.end([]);
  const endpoint = { host: '127.0.0.1', port: server.port, isSecure: false, credentials: { user: '', password: '' } };
  await ask(endpoint, `INSERT INTO sonde.${table.name} (${columns.join(', ')}) FORMAT Native`, { body: bytes });
};

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** The rows of both engines; those of the second as the first has them where reals are all but equal. */
const ask2 = async (
  sql: string,
  service: string,
  values: Readonly<Record<string, string | number>> = parametersOf(sql, service),
): Promise<{ readonly rows: readonly Row[] }> => {
  const results = [];
  for (const snapshot of snapshots) {
    const { columns, rows } = await snapshot.query(sql, values).then(async (result) => ({
      columns: result.columns,
      rows: await result.rows(),
    }));
    results.push({ columns, rows: [...rows] });
  }
  const [folder, clickhouse] = results as [(typeof results)[0], (typeof results)[0]];
  expect(clickhouse.columns, 'columns and their kinds').toEqual(folder.columns);
  if (!/\border\s+by\b[^()]*$/i.test(sql))
    for (const { rows } of results) rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const reals = folder.columns.filter(({ kind }) => kind === 'real').map(({ name }) => name);
  const settled = clickhouse.rows.map((row, i) => {
    const other = folder.rows[i];
    const same = reals.filter((name) => {
      const [a, b] = [row[name], other?.[name]];
      return typeof a === 'number' && typeof b === 'number' && isClose(a, b);
    });
    return { ...row, ...Object.fromEntries(same.map((name) => [name, other![name]!])) };
  });
  expect(settled).toEqual(folder.rows);
  return folder;
};

describe.each(filesBelow('src', '.sql'))('%s', (file) => {
  const sql = overTickets(readFileSync(join(root, file), 'utf8'), families);
  test.each(['whatsapp', '', 'nothing of that name'])('service %j', async (service) => {
    const { rows } = await ask2(sql, service);
    if (service === '') expect(rows.length).toBeGreaterThan(0);
  });
  test('with its values written in, as a card prints it', async () => {
    await ask2(fillParameters(sql, parametersOf(sql, 'whatsapp')), 'whatsapp', {});
  });
});

test.each(jobs.map((job) => [job.name, job] as const))('the job %s', async (_, { sql, inputs }) => {
  // Inputs under other names than their tables' own.
  const named = inputs.filter(({ name, table }) => name !== table);
  const relations = named.map(({ name, table }) => `${name} AS (SELECT * FROM ${table})`).join(', ');
  const text =
    named.length === 0 ? sql : sql.replace(/^(WITH\b|)/i, (head) => `WITH ${relations}${head === '' ? '\n' : ','}`);
  expect((await ask2(text, '')).rows.length).toBeGreaterThan(0);
});

/** Queries that stand in the code, and what shows that they conform, or why they need not. */
const elsewhere: Readonly<Record<string, string>> = {
  'src/cli/commands/demo.ts': 'printed for a person to type',
  'src/cli/commands/explain.ts': 'clickhouse-commands.test.ts',
  'src/cli/commands/export.ts': 'clickhouse-commands.test.ts',
  'src/cli/commands/imports.ts': 'clickhouse-commands.test.ts',
  'src/cli/query-of.ts': 'clickhouse-commands.test.ts',
  'src/cli/unused-rules.ts': 'clickhouse-commands.test.ts',
  'src/cli/check-store.ts': 'clickhouse-commands.test.ts',
  'src/store/checksum.ts': 'clickhouse-copy.test.ts',
  'src/store/copy.ts': 'clickhouse-copy.test.ts',
};
const folderAlone =
  /^src\/(jobs|store\/(engine|delta|verify|upkeep|clickhouse|copy-job-tables|snapshot|workbench)|cli\/(check-folder|db-history|list-jobs))/;

test('no query of the code is forgotten', () => {
  const found = filesBelow('src', '.ts').filter((file) => {
    if (file.endsWith('.test.ts') || folderAlone.test(file)) return false;
    const code = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(\*|\/\*).*$/gm, '');
    return /[`'"]\s*(SELECT|WITH)\s[^`]*\bFROM\b/.test(code);
  });
  expect(found).toEqual(Object.keys(elsewhere).sort());
});
