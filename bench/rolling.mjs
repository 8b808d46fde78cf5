/**
 * Rolling beside recomputing, over a day of one-minute windows: the four jobs of DBStream's published workload, and a top
 * list over a sliding day. Jobs run each window once over what is new: with a commit an hour, as who catches up, and with
 * a commit a minute, as who follows. Who has no jobs asks the same of the tickets each minute, over the day so far. Of
 * that, the middle minute of each hour is measured and stands for the hour.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadJobs } from '../dist/jobs/load-jobs.js';
import { orderJobs } from '../dist/jobs/order-jobs.js';
import { parseJob } from '../dist/jobs/parse-job.js';
import { Scheduler } from '../dist/jobs/scheduler.js';
import { withInputs } from '../dist/jobs/with-inputs.js';
import { HOUR, MINUTE } from '../dist/kit/time.js';
import { openStore, openWorkbench } from '../dist/store/index.js';
import { flows } from '../dist/tickets/index.js';
import { cpuSeconds } from './measure.mjs';
import { PlantedNetwork } from './planted-network.mjs';
import { openState } from './state.mjs';

const FLOWS_A_MINUTE = Number(process.env.SONDE_BENCH_FLOWS ?? 10_000);
const HOURS = Number(process.env.SONDE_BENCH_HOURS ?? 24);
/** A client has 1,000 flows a day, as in a mobile network. */
const CLIENTS = Math.ceil(1.44 * FLOWS_A_MINUTE);
const START = Date.UTC(2014, 1, 22) * 1000;
const MINUTES = 60 * HOURS;
const SAMPLE_EVERY = 60;
const LEAST_RATIO = 20;
const jobEngine = { memoryMb: 2048, threads: 1 };

const userMinutes = `input flows window 60
output user_minutes window 3600
  client text
  bytes count

SELECT client, coalesce(sum(up_bytes), 0) + coalesce(sum(down_bytes), 0) AS bytes FROM flows GROUP BY client`;

/** The last day by client: what was there, what comes in, and what leaves. */
const lastDay = `input user_minutes window 60 primary
input user_minutes as leaving window 60 delay 86400
input last_day window 60 delay 60
output last_day window 3600
  client text
  bytes count

SELECT client, sum(bytes) AS bytes
FROM (
  SELECT client, bytes FROM user_minutes
  UNION ALL SELECT client, -bytes AS bytes FROM leaving
  UNION ALL SELECT client, bytes FROM last_day
) AS parts
GROUP BY client
HAVING sum(bytes) > 0`;

const topUsers = `input last_day window 60
output top_users window 3600
  client text
  bytes count

SELECT client, bytes FROM last_day ORDER BY bytes DESC, client LIMIT 10`;

const volume = 'coalesce(sum(up_bytes), 0) + coalesce(sum(down_bytes), 0)';

/** `flows_of_day`: those until the end that is asked about, each with its minute. */
const ranking = `SELECT *, row_number() OVER (PARTITION BY minute, vantage ORDER BY bytes DESC, client) AS rank
  FROM (
    SELECT minute, vantage, client, count(*) AS flows, ${volume} AS bytes
    FROM flows_of_day WHERE client <> '' GROUP BY ALL
  )`;

/** What is rolled, by the job that ends it, and the same answer from the tickets: columns that both give. */
const workloads = [
  {
    title: 'J1: users by volume',
    job: 'user_ranking',
    columns: 'minute, vantage, rank, client, flows, bytes',
    recomputed: ranking,
  },
  {
    title: 'J2: servers of the ten heaviest users, J1 included',
    job: 'heavy_users',
    with: ['user_ranking'],
    columns: 'minute, vantage, client, server_ip, server_port, flows, bytes',
    recomputed: `WITH heavy AS (SELECT minute, vantage, client FROM (${ranking}) WHERE rank <= 10)
      SELECT minute, vantage, client, server_ip, server_port, count(*) AS flows, ${volume} AS bytes
      FROM flows_of_day SEMI JOIN heavy USING (minute, vantage, client) GROUP BY ALL`,
  },
  {
    title: 'J3: servers by connections of known clients',
    job: 'service_ranking',
    columns: 'minute, vantage, server_ip, service, connections, clients',
    recomputed: `WITH known AS (
        SELECT minute, vantage, client
        FROM (
          SELECT *, lag(minute) OVER (PARTITION BY vantage, client ORDER BY minute) AS earlier
          FROM (SELECT DISTINCT minute, vantage, client FROM flows_of_day)
        )
        WHERE minute - earlier <= 60
      )
      SELECT minute, vantage, server_ip, service, count(*) AS connections, count(DISTINCT client) AS clients
      FROM flows_of_day SEMI JOIN known USING (minute, vantage, client)
      GROUP BY ALL`,
  },
  {
    title: 'J4: connections tried in vain',
    job: 'unanswered_syns',
    columns: 'minute, vantage, server_ip, server_port, service, tries, clients',
    // Lists by minute: joined by the distance of times alone, the same takes minutes of CPU for an hour of flows.
    recomputed: `SELECT minute, vantage, server_ip, server_port, service, count(*) AS tries, count(DISTINCT client) AS clients
      FROM (FROM flows_of_day WHERE protocol = 'tcp' AND up_syns > 0 AND down_syns = 0)
      LEFT JOIN (
        SELECT minute, vantage, client, server_ip, server_port, list(answered) AS answered
        FROM (
          SELECT vantage, client, server_ip, server_port, epoch_us(started_at) AS answered,
            unnest(range(minute, (epoch_us(reported_at) + 5000000) // ${MINUTE} + 1)) AS minute
          FROM flows_of_day WHERE down_syns > 0
        )
        GROUP BY ALL
      ) USING (minute, vantage, client, server_ip, server_port)
      WHERE answered IS NULL
        OR NOT list_bool_or(list_transform(answered, lambda at_us: abs(at_us - epoch_us(started_at)) <= 3000000))
      GROUP BY ALL`,
  },
  {
    title: 'Top ten users of a day',
    job: 'top_users',
    with: ['user_minutes', 'last_day'],
    columns: 'client, bytes',
    recomputed: `SELECT client, ${volume} AS bytes FROM flows_of_day GROUP BY client ORDER BY bytes DESC, client LIMIT 10`,
  },
];

const jobs = orderJobs([
  ...loadJobs([fileURLToPath(new URL('../jobs', import.meta.url))]),
  ...[userMinutes, lastDay, topUsers].map((text, i) => parseJob(`${i}.job.sql`, text)),
]);

const own = withInputs(
  jobs,
  workloads.map(({ job }) => job),
);

const { folder, measureOnceAsync, remove } = openState('rolling');
const note = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const pathOf = (name) => join(folder, name);

const plant = async () => {
  const store = await openStore(pathOf('day'));
  await store.bindKey('0123456789abcdef');
  const network = new PlantedNetwork({ seed: 20140222, clients: CLIENTS, servers: 20_000 });
  for (let hour = 0; hour < HOURS; hour++) {
    const source = `hour ${hour}`;
    if (await store.hasImport(source)) continue;
    const from = START + hour * HOUR;
    const run = store.beginImport(source);
    for (const batch of network.import(source, from, from + HOUR, () => FLOWS_A_MINUTE)) await run.write(batch);
    await run.commit();
  }
  note('the day is planted');
};

/** A store of one's own with the same flows. */
const freshCopy = (name) => {
  rmSync(pathOf(name), { recursive: true, force: true });
  execFileSync('cp', ['-al', pathOf('day'), pathOf(name)]);
  return openStore(pathOf(name), jobEngine);
};

const filesOf = (name) =>
  Object.fromEntries(
    [...own.map((job) => job.name), 'runs'].map((table) => [
      table,
      readdirSync(join(pathOf(name), table)).filter((file) => file.endsWith('.parquet')).length,
    ]),
  );

/** Runs all workloads over the day; CPU seconds of each, and of keeping the store small. */
const roll = async (name, stepMinutes) => {
  const store = await freshCopy(name);
  const bench = await openWorkbench(jobEngine);
  let until = 0;
  const options = {
    strategy: 'shared',
    parallel: 1,
    now: Date.now,
    get until() {
      return until;
    },
  };
  const cpu = Object.fromEntries(['upkeep', ...own.map((job) => job.name)].map((one) => [one, 0]));
  let counted = cpuSeconds();
  const count = (on) => {
    const now = cpuSeconds();
    cpu[on] += now - counted;
    counted = now;
  };
  const scheduler = new Scheduler(store, bench, own, options);
  for (let at = stepMinutes; at <= MINUTES; at += stepMinutes) {
    until = START + at * MINUTE;
    // What comes between two commits was for the second one.
    const failures = await scheduler.drain(({ job }) => count(job.name));
    if (failures.length > 0) throw failures[0].error;
    await store.tidy();
    count('upkeep');
    if (at % 360 === 0) note(`${name}: ${at / 60} hours`);
  }
  const snapshot = await store.snapshot();
  const segments = Object.fromEntries(snapshot.sizes.map(({ table, segments }) => [table, segments]));
  await snapshot.close();
  bench.close();
  return { cpu, files: filesOf(name), segments };
};

const minute = `epoch_us(reported_at) // ${MINUTE} AS minute`;

const recompute = async () => {
  const store = await openStore(pathOf('hourly'));
  const bench = await openWorkbench({ memoryMb: 4096, threads: 2 });
  const snapshot = await store.snapshot();
  const relation = (table) => snapshot.selectOf(table, snapshot.segmentsOf(table.name));
  await bench.run(`CREATE VIEW flows_held AS ${await relation(flows)}`);
  const between = (from, end) => `reported_at >= make_timestamp(${from}) AND reported_at < make_timestamp(${end})`;
  const rows = async (sql) => (await bench.query(sql)).rows();
  const costs = {};
  for (const { job, columns, recomputed } of workloads) {
    costs[job] = 0;
    const sqlAt = (end) => {
      const slice = `flows_of_day AS (SELECT *, ${minute} FROM flows_held WHERE ${between(START, end)})`;
      return `WITH ${slice} SELECT ${columns} FROM (${recomputed})`;
    };
    for (let at = SAMPLE_EVERY / 2; at < MINUTES; at += SAMPLE_EVERY) {
      const end = START + at * MINUTE;
      costs[job] +=
        SAMPLE_EVERY *
        (await measureOnceAsync(`recomputed ${job} at ${at}`, async () => {
          const before = cpuSeconds();
          // Counted, so that nothing but the engine is measured.
          await rows(`SELECT count(*) AS n FROM (${sqlAt(end)})`);
          return cpuSeconds() - before;
        }));
    }
    const end = START + MINUTES * MINUTE;
    const isList = columns.startsWith('minute') ? 'true' : between(end - MINUTE, end);
    const own = `SELECT ${columns} FROM (SELECT *, ${minute} FROM (${await relation(snapshot.tableOf(job))}) WHERE ${isList})`;
    const text = `concat_ws('|', ${columns})`;
    const sum = (sql) => `(SELECT {n: count(*), sum: sum(hash(${text})::HUGEINT)} FROM (${sql}))`;
    const [{ same, n }] = await rows(
      `SELECT ${sum(own)} = ${sum(sqlAt(end))} AS same, (SELECT count(*) FROM (${own})) AS n`,
    );
    if (!same) throw new Error(`${job} rolled and recomputed differ`);
    note(`${job}: ${n} rows, rolled and recomputed alike`);
  }
  await snapshot.close();
  bench.close();
  return costs;
};

const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const met = (ratio) => (ratio >= LEAST_RATIO ? 'met' : 'missed');

await plant();
const hourly = await measureOnceAsync('a commit an hour', () => roll('hourly', 60));
const minutely = await measureOnceAsync('a commit a minute', () => roll('minutely', 1));
const costs = await recompute();

console.log(
  `${(FLOWS_A_MINUTE * MINUTES).toLocaleString('en')} flows of ${CLIENTS.toLocaleString('en')} clients, ${MINUTES} windows of a minute. Rolled and recomputed give the same rows.\n`,
);
line('', 'a commit an hour, CPU s', 'a commit a minute, CPU s', 'recomputed, CPU s', 'times as cheap', 'wanted', '');
line(...Array(7).fill('---'));
const rows = workloads.map(({ title, job, with: others = [] }) => {
  const costOf = ({ cpu }) => [job, ...others].reduce((sum, one) => sum + cpu[one], 0);
  return { title, costs: [costOf(hourly), costOf(minutely), costs[job]] };
});
const all = ({ cpu }) => Object.values(cpu).reduce((sum, each) => sum + each, 0);
const within = new Set(workloads.flatMap((workload) => workload.with ?? []));
const asked = workloads.filter(({ job }) => !within.has(job));
rows.push({
  title: 'all, upkeep of the store included, J1 once',
  costs: [all(hourly), all(minutely), asked.reduce((sum, { job }) => sum + costs[job], 0)],
});
for (const { title, costs } of rows) {
  const [byHour, byMinute, recomputed] = costs;
  const ratios = [recomputed / byHour, recomputed / byMinute];
  line(
    title,
    ...costs.map((cost) => cost.toFixed(1)),
    ratios.map((ratio) => ratio.toFixed(0)).join(' and '),
    `at least ${LEAST_RATIO}`,
    met(Math.min(...ratios)),
  );
}
console.log(
  `\nUpkeep took ${hourly.cpu.upkeep.toFixed(1)} and ${minutely.cpu.upkeep.toFixed(1)} CPU seconds of it. With a commit a minute the tables have, at the end of the day, so many segments (and files, with those that were replaced in the last hour):\n`,
);
line('table', 'segments', 'files');
line('---', '---', '---');
for (const [table, files] of Object.entries(minutely.files)) line(table, minutely.segments[table], files);
remove();
