/**
 * ClickHouse in a process of its own: makes its tables where they are missing, then runs queries. Told of both as JSON on
 * standard input; writes a line of JSON for each query: milliseconds, CPU seconds and rows of each run.
 */
const { readFileSync } = require('node:fs');
const { Session } = require('chdb');

const { folder, tables, queries, settings, runs: most, slowMs } = JSON.parse(readFileSync(0, 'utf8'));
const session = new Session(folder);

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const timed = (work) => {
  const [began, before] = [performance.now(), cpuSeconds()];
  const result = work();
  return { wallMs: performance.now() - began, cpuS: cpuSeconds() - before, result };
};

const isThere = (table) => session.query(`EXISTS TABLE ${table}`, 'TabSeparated').trim() === '1';

for (const { name, create, fill } of tables) {
  if (isThere(name)) continue;
  session.query(`DROP TABLE IF EXISTS ${name}_part`);
  session.query(create.replace(name, `${name}_part`));
  const { wallMs, cpuS } = timed(() => session.query(`INSERT INTO ${name}_part ${fill}`));
  session.query(`RENAME TABLE ${name}_part TO ${name}`);
  console.log(JSON.stringify({ name: `load ${name}`, runs: [{ wallMs, cpuS, rows: 0 }] }));
}
for (const { name, sql } of queries) {
  const runs = [];
  while (runs.length < most && !(runs[0]?.wallMs > slowMs)) {
    const { wallMs, cpuS, result } = timed(() => session.query(`${sql} ${settings}`, 'JSONCompactEachRow'));
    runs.push({ wallMs, cpuS, rows: result.split('\n').filter(Boolean).length });
  }
  console.log(JSON.stringify({ name, runs }));
}
