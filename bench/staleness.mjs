/**
 * How old the answers of jobs are beside a capture: 50,000 flows a second come into a store in real time, and the four jobs
 * of DBStream's published workload follow them in another process. Staleness is the time from the end of a window until
 * its rows can be asked for.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MINUTE } from '../dist/kit/time.js';
import { openStore } from '../dist/store/index.js';
import { root } from '../scripts/house.mjs';
import { median } from './measure.mjs';
import { openState } from './state.mjs';

const RATE = Number(process.env.SONDE_BENCH_FLOWS ?? 50_000);
const MINUTES = Number(process.env.SONDE_BENCH_MINUTES ?? 12);
const LOOK_MS = 500;
/** How long the jobs may go on after the last flow. */
const PATIENCE_MS = 5 * 60_000;
const WANTED_WINDOWS = 2;
/** The last window is over for the jobs only when a later flow comes. */
const WHOLE = MINUTES - 1;
/** The windows of each that have rows: before the first minute no client was seen. */
const expected = {
  user_ranking: WHOLE,
  heavy_users: WHOLE,
  service_ranking: WHOLE - 1,
  unanswered_syns: WHOLE,
};
const jobs = Object.keys(expected);

const { folder, remove } = openState('staleness');
const path = join(folder, `store-${Date.now()}`);

const feeder = fork(fileURLToPath(new URL('feed-stream.mjs', import.meta.url)), [path, 60 * MINUTES, RATE], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
/** The CPU time of jobs is told by GNU time when they end. */
const time = ['-f', '%U %S %M', process.execPath, join(root, 'bin/sonde.js')];
let follower;
let report = '';
const stop = () => {
  feeder.kill();
  follower?.kill('SIGINT');
};
process.on('exit', stop);

const [{ start }] = await once(feeder, 'message');
follower = spawn('/usr/bin/time', [...time, 'jobs', 'run', ...jobs, '--follow', '-q', '--db', path], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'pipe'],
  detached: true,
});
follower.stderr.setEncoding('utf8').on('data', (text) => (report += text));
const fed = once(feeder, 'message');
const isFed = fed.then(() => true);

/** By job: how late each window came, in microseconds. */
const seen = new Map(jobs.map((job) => [job, new Map()]));
const store = await openStore(path);
const isDone = () => [...seen].every(([job, windows]) => windows.size >= expected[job]);
let until = Number.POSITIVE_INFINITY;
isFed.then(() => (until = Date.now() + PATIENCE_MS));
while (!isDone() && Date.now() < until) {
  await sleep(LOOK_MS);
  const snapshot = await store.snapshot();
  const at = Date.now() * 1000;
  for (const [job, windows] of seen)
    for (const { times } of snapshot.segmentsOf(job))
      for (let window = times.reported_at[0]; window <= times.reported_at[1]; window += MINUTE)
        if (!windows.has(window)) windows.set(window, at - window - MINUTE);
  await snapshot.close();
}
const [{ cpuS, lateS }] = await fed;
process.kill(-follower.pid, 'SIGINT');
await once(follower, 'exit');
const [userS, systemS, kilobytes] = report.trim().split('\n').at(-1).split(' ').map(Number);

const elapsedS = 60 * MINUTES;
console.log(
  `${RATE.toLocaleString('en')} flows a second for ${MINUTES} minutes, from ${new Date(start / 1000).toISOString()}, committed every ten seconds: ${((100 * cpuS) / elapsedS).toFixed(0)} % of a core to plant and store them, at most ${lateS.toFixed(1)} s behind. The jobs took ${((100 * (userS + systemS)) / elapsedS).toFixed(0)} % of a core and ${(kilobytes / 1000).toFixed(0)} MB.\n`,
);
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
line('', 'windows', 'median, in windows', 'most, in windows', 'wanted', '');
line(...Array(6).fill('---'));
for (const [job, windows] of seen) {
  const ages = [...windows.values()].map((late) => late / MINUTE);
  const most = windows.size < expected[job] ? Number.POSITIVE_INFINITY : Math.max(...ages);
  line(
    job,
    `${windows.size} of ${expected[job]}`,
    ages.length === 0 ? '' : median(ages).toFixed(2),
    most.toFixed(2),
    `below ${WANTED_WINDOWS}`,
    most < WANTED_WINDOWS ? 'met' : 'missed',
  );
}
remove();
