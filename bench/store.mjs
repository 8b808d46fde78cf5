/**
 * The store at the size of a month: what storing, rolling up and each query of each analysis cost on 50 million flows of
 * 30 days. The queries run through rollups, over the flows themselves, in a plain DuckDB on the same files, and in a
 * ClickHouse (chDB, its own MergeTree tables made of the same files).
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { analyses } from '../dist/analysis/index.js';
import { fillParameters } from '../dist/analysis/query.js';
import { runAnalysis } from '../dist/analysis/run-analysis.js';
import { overTickets, Rollups, rollupFamilies } from '../dist/jobs/index.js';
import { loadJobs } from '../dist/jobs/load-jobs.js';
import { DAY } from '../dist/kit/time.js';
import { columnsOf, happenedAt } from '../dist/store/clickhouse/ddl.js';
import { macroSql, toDuckdb } from '../dist/store/engine/dialect.js';
import { startEngine } from '../dist/store/engine/engine.js';
import { viewSql } from '../dist/store/engine/view.js';
import { openStore, openWorkbench } from '../dist/store/index.js';
import { counters, flows, imports } from '../dist/tickets/index.js';
import { cpuSeconds, measure, median } from './measure.mjs';
import { PlantedNetwork, profile } from './planted-network.mjs';
import { openState } from './state.mjs';

const FLOWS = Number(process.env.SONDE_BENCH_FLOWS ?? 50_000_000);
const DAYS = 30;
const START = Date.UTC(2014, 1, 1) * 1000;
const END = START + DAYS * DAY;
const SERVICE = 'WhatsApp';
const RUNS = 3;
/** Who takes longer is run once. */
const SLOW_MS = 5000;
const WANTED_MS = 300;
const engineOptions = { memoryMb: 8192, threads: 2 };

const { folder, recall, remember, measureOnce, measureOnceAsync, remove } = openState('store');
const path = join(folder, 'store');
const note = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

const timed = async (work) => {
  const [began, before] = [performance.now(), cpuSeconds()];
  const rows = await work();
  return { wallMs: performance.now() - began, cpuS: cpuSeconds() - before, rows: rows.length };
};

/** The median over the runs of a query. */
const typical = (runs, of) => median(runs.map((run) => run[of]));

const several = async (work) => {
  const runs = [await timed(work)];
  while (runs.length < RUNS && runs[0].wallMs < SLOW_MS) runs.push(await timed(work));
  return runs;
};

/** Imports day after day; what the planting itself costs is left out. */
const plant = async () => {
  const store = await openStore(path);
  await store.bindKey('0123456789abcdef');
  const network = new PlantedNetwork({ seed: 20140201, clients: Math.max(1000, Math.round(FLOWS / 250)) });
  const days = [];
  for (let day = 0; day < DAYS; day++) {
    const source = `day ${day}`;
    const from = START + day * DAY;
    days.push(
      await measureOnceAsync(source, async () => {
        const run = store.beginImport(source);
        const rows = { flows: 0, counters: 0, imports: 0 };
        let cpuS = 0;
        const flowsOf = (at) => (FLOWS / DAYS / 1440) * profile(at);
        for (const batch of network.import(source, from, from + DAY, flowsOf)) {
          const before = cpuSeconds();
          await run.write(batch);
          cpuS += cpuSeconds() - before;
          rows[batch.table] += batch.rows;
        }
        const before = cpuSeconds();
        await run.commit();
        note(`${source} is stored`);
        return { rows, cpuS: cpuS + cpuSeconds() - before };
      }),
    );
  }
  const sum = (of) => days.reduce((total, day) => total + of(day), 0);
  return {
    flows: sum(({ rows }) => rows.flows),
    counters: sum(({ rows }) => rows.counters),
    cpuS: sum(({ cpuS }) => cpuS),
  };
};

const jobs = loadJobs([fileURLToPath(new URL('../jobs', import.meta.url))]);
const families = rollupFamilies(jobs);
const rollups = [...families.values()].flat().map(({ name }) => name);

/** Every query of every analysis with the parameters that the analysis gives it, in the order of the pages. */
const collectQueries = async (run) => {
  const queries = new Map();
  const files = new Map();
  for (const place of [new URL('../dist/analysis/', import.meta.url), ...analyses.map((one) => one.folder)])
    for (const file of readdirSync(place).filter((name) => name.endsWith('.sql')))
      files.set(readFileSync(new URL(file, place), 'utf8'), file.slice(0, -4));
  for (const analysis of analyses) {
    const ask = async (sql, parameters) => {
      const name = files.get(sql);
      const isShared = name === 'extent' || name === 'imported';
      queries.set(isShared ? name : `${analysis.name} ${name}`, { sql, parameters });
      return { rows: await (await run(sql, parameters)).rows(), sql };
    };
    await runAnalysis(analysis, ask, { service: SERVICE, from: START, until: END, timezone: 'UTC' });
  }
  return queries;
};

/** Runs all that is not measured yet in one engine. */
const ask = async (engine, queries, run) => {
  const results = new Map();
  for (const [name, query] of queries) {
    results.set(name, await measureOnceAsync(`${engine}: ${name}`, () => several(() => run(query))));
    note(`${engine}, ${name}: ${typical(results.get(name), 'wallMs').toFixed(0)} ms`);
  }
  return results;
};

const askDuckdb = async (queries, tables) => {
  const engine = await startEngine(engineOptions);
  const connection = await engine.connect();
  await connection.run(macroSql);
  for (const { table, segments } of tables) await connection.run(viewSql(table, join(path, table.name), segments));
  const results = await ask('DuckDB', queries, async ({ sql, parameters }) => {
    const { sql: text, values, types } = toDuckdb(overTickets(sql, families), parameters);
    return (await connection.runAndReadAll(text, values, types)).getRows();
  });
  connection.closeSync();
  engine.closeSync();
  return results;
};

const settings =
  "SETTINGS session_timezone = 'UTC', join_use_nulls = 1, union_default_mode = 'DISTINCT', max_memory_usage = 8589934592";

/** In the order of the key of the tables that Sonde makes on a server. */
const clickhouseTable = (table, segments) => {
  const columns = columnsOf(table, 'current').filter(([name]) => name in table.columns);
  const order = ['service' in table.columns ? 'service, ' : '', happenedAt(table)].join('');
  const files = segments.map(({ file }) => file).join(',');
  return {
    name: table.name,
    create: `CREATE TABLE ${table.name} (${columns.map((column) => column.join(' ')).join(', ')}) ENGINE = MergeTree
      PARTITION BY toYYYYMMDD(reported_at) ORDER BY (${order}) SETTINGS allow_nullable_key = 1`,
    fill: `SELECT ${columns.map(([name]) => name).join(', ')} FROM file('${join(path, table.name)}/{${files}}', Parquet)
      SETTINGS max_insert_threads = 2`,
  };
};

const askClickhouse = async (queries, tables) => {
  const keyOf = (name) => `ClickHouse: ${name}`;
  const input = {
    folder: join(folder, 'clickhouse'),
    tables: tables.map(({ table, segments }) => clickhouseTable(table, segments)),
    queries: [...queries]
      .filter(([name]) => recall(keyOf(name)) === undefined)
      .map(([name, { sql, parameters }]) => ({ name, sql: fillParameters(overTickets(sql, families), parameters) })),
    settings,
    runs: RUNS,
    slowMs: SLOW_MS,
  };
  mkdirSync(input.folder, { recursive: true });
  // It would take signal handlers over.
  const child = spawn(process.execPath, [fileURLToPath(new URL('chdb-queries.cjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: folder,
    env: { ...process.env, TZ: 'UTC' },
  });
  child.stdin.end(JSON.stringify(input));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { name, runs } = JSON.parse(line);
    remember(keyOf(name), runs);
    note(`ClickHouse, ${name}: ${typical(runs, 'wallMs').toFixed(0)} ms`);
  }
  if ((await ended) !== 0) throw new Error('ClickHouse failed');
  return new Map([...queries.keys()].map((name) => [name, recall(keyOf(name))]));
};

const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const thousands = (rows) => Math.round(rows / 1000).toLocaleString('en');

const planted = await plant();
const rolled = measureOnce('jobs', () => {
  // What a run has left that was cut off would be missing from the cost of this one.
  for (const table of [...rollups, 'runs']) rmSync(join(path, table), { recursive: true, force: true });
  return measure([process.execPath, 'bin/sonde.js', 'jobs', 'run', ...rollups, '--db', path, '-q']);
});
note(`jobs: ${rolled.cpuS.toFixed(0)} CPU s`);

const store = await openStore(path, engineOptions);
const snapshot = await store.snapshot();
const bench = await openWorkbench(engineOptions);
const reader = await new Rollups(families, bench).at(snapshot);
const held = [flows, counters, imports].map((table) => ({ table, segments: snapshot.segmentsOf(table.name) }));
const queries = await collectQueries((sql, parameters) => reader.query(sql, parameters));

const results = {
  rollups: await ask('rollups', queries, async ({ sql, parameters }) => (await reader.query(sql, parameters)).rows()),
  flows: await ask('flows', queries, async ({ sql, parameters }) =>
    (await snapshot.query(overTickets(sql, families), parameters)).rows(),
  ),
  DuckDB: await askDuckdb(queries, held),
  ClickHouse: await askClickhouse(queries, held),
};
const { sizes } = snapshot;
await reader.close();
bench.close();
await snapshot.close();

const loads = held.map(({ table }) => recall(`ClickHouse: load ${table.name}`)[0].cpuS);
const bytesOf = (name) => {
  const { bytes, rows } = sizes.find(({ table }) => table === name);
  return (bytes / Math.max(1, rows)).toFixed(1);
};
console.log(
  `${planted.flows.toLocaleString('en')} flows of ${Object.keys(flows.columns).length} columns over ${DAYS} days, and ${planted.counters.toLocaleString('en')} rows of counters. Storing them took ${planted.cpuS.toFixed(0)} CPU seconds (${thousands(planted.flows / planted.cpuS)} thousand flows a CPU second, the counters included), ${bytesOf('flows')} bytes a flow, ${bytesOf('counters')} a row of counters. The jobs of the rollups took ${rolled.cpuS.toFixed(0)} CPU seconds (${thousands(planted.flows / rolled.cpuS)} thousand flows a CPU second), ${rolled.wallS.toFixed(0)} seconds of time and ${rolled.peakMb.toFixed(0)} MB. ClickHouse took the same files into its tables in ${loads.reduce((sum, each) => sum + each, 0).toFixed(0)} CPU seconds.\n`,
);
line('rollup', 'rows', 'MB');
line(...Array(3).fill('---'));
for (const { table, rows, bytes } of sizes.filter(({ table }) => rollups.includes(table)))
  line(table, rows.toLocaleString('en'), (bytes / 1e6).toFixed(1));
console.log(
  `\nEach query over all ${DAYS} days, for ${SERVICE} where it asks for a service: milliseconds, and CPU seconds; median of ${RUNS}, of one run where that took over ${SLOW_MS / 1000} seconds.\n`,
);
line('', ...Object.keys(results), 'wanted of rollups', '');
line(...Array(Object.keys(results).length + 3).fill('---'));
for (const name of queries.keys()) {
  const cells = Object.values(results).map((of) => {
    const runs = of.get(name);
    return `${typical(runs, 'wallMs').toFixed(0)} (${typical(runs, 'cpuS').toFixed(2)})`;
  });
  const isFast = typical(results.rollups.get(name), 'wallMs') <= WANTED_MS;
  line(name, ...cells, `at most ${WANTED_MS}`, isFast ? 'met' : 'missed');
}
const differing = [...queries.keys()].filter(
  (name) => new Set(Object.values(results).map((of) => of.get(name)[0].rows)).size > 1,
);
console.log(
  differing.length === 0
    ? '\nAll four give as many rows to each.'
    : `\nThe number of rows differs: ${differing.join(', ')}.`,
);
remove();
