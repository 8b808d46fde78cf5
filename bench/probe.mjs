/** The probe beside its peers: CPU seconds on the same trace in the same run. Arguments choose contenders by name; all without. */
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTrace } from './make-trace.mjs';
import { measure, median } from './measure.mjs';

const RUNS = 5;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
// Where softflowd exports to: bound, so that nothing comes back; never read, so that the kernel discards what is too much.
const discard = createSocket('udp4');
await new Promise((resolve) => discard.bind(0, '127.0.0.1', resolve));

let runs = 0;
/** A folder that nothing was written to yet. */
const freshFolder = () => {
  const path = join(folder, `run-${runs++}`);
  mkdirSync(path);
  return path;
};

const contenders = {
  'Sonde, probe to batches': (trace) => [process.execPath, join(root, 'bench/probe-to-batches.mjs'), trace],
  'Sonde, import to store': (trace) => [
    process.execPath,
    ...[join(root, 'bin/sonde.js'), 'import', trace, '--db', join(freshFolder(), 'store'), '-q'],
  ],
  // Its default of 8192 flows would evict most of the trace's.
  softflowd: (trace) => [
    ...['softflowd', '-r', trace, '-n', `127.0.0.1:${discard.address().port}`, '-d', '-6', '-v', '9', '-m', '1000000'],
    ...['-p', join(folder, 'softflowd.pid'), '-c', 'none'],
  ],
  nfpcapd: (trace) => ['nfpcapd', '-r', trace, '-w', freshFolder()],
};

const wanted = process.argv.slice(2);
const names = Object.keys(contenders).filter((name) => wanted.length === 0 || wanted.includes(name));

const compareOn = (trace, tiny, packets) => {
  const results = Object.fromEntries(names.map((name) => [name, { whole: [], startUp: [] }]));
  // Interleaved, so that a slow minute of the machine hits all of them alike.
  for (let run = 0; run < RUNS; run++) {
    for (const name of names) {
      results[name].startUp.push(measure(contenders[name](tiny), { cwd: root }));
      results[name].whole.push(measure(contenders[name](trace), { cwd: root }));
    }
  }
  const rows = names.map((name) => {
    const { whole, startUp } = results[name];
    const startUpS = median(startUp.map(({ cpuS }) => cpuS));
    const cpuS = whole.map((run) => run.cpuS - startUpS);
    const workS = median(cpuS);
    const spread = `${Math.min(...cpuS).toFixed(2)} to ${Math.max(...cpuS).toFixed(2)}`;
    const peakMb = median(whole.map((run) => run.peakMb));
    return { name, workS, spread, startUpS, peakMb, rate: packets / workS / 1e6 };
  });
  console.log('| | CPU s | from least to most | start-up, CPU s | M packets / CPU s | times the first | peak MB |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { name, workS, spread, startUpS, rate, peakMb } of rows) {
    const cells = [
      workS.toFixed(2),
      spread,
      startUpS.toFixed(2),
      rate.toFixed(2),
      (workS / rows[0].workS).toFixed(2),
      peakMb.toFixed(0),
    ];
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
  console.log();
};

try {
  const tiny = join(folder, 'tiny.pcap');
  makeTrace(tiny, { clients: 1 });
  for (const [title, options] of Object.entries({
    'Headers and first messages': { clients: 1300 },
    'Headers and first messages, three times as many': { clients: 3900 },
    'Whole packets': { clients: 390, isFull: true },
  })) {
    const trace = join(folder, 'trace.pcap');
    const packets = makeTrace(trace, options);
    const size = (statSync(trace).size / 1e6).toFixed(0);
    console.log(
      `${title}: ${packets.toLocaleString('en')} packets, ${size} MB, median of ${RUNS}, start-up not in the CPU seconds:\n`,
    );
    compareOn(trace, tiny, packets);
  }
} finally {
  discard.close();
  rmSync(folder, { recursive: true });
}
