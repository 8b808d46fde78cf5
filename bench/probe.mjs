/** The probe beside its peers: CPU seconds on the same traces in the same run. Arguments choose contenders by name; all without. */
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { contendersIn } from './contenders.mjs';
import { makeTrace } from './make-trace.mjs';
import { measure, median, warm } from './measure.mjs';
import { openState } from './state.mjs';

const RUNS = 5;
/** A minute and gigabytes a run: it says the same in one, and from a tenth of the small trace to all of it. */
const SLOW = 'tshark';

// A difference of two traces is free of start-up and of what is paid once. New clients follow each other in the large
// ones, so that tables are as full as in the small ones.
const pairs = [
  {
    title: 'Headers and first messages',
    tenth: { clients: 130 },
    small: { clients: 1300 },
    large: { clients: 1300, generations: 10 },
  },
  {
    title: 'Whole packets',
    tenth: { clients: 130, isFull: true },
    small: { clients: 1300, isFull: true },
    large: { clients: 1300, generations: 3, isFull: true },
  },
];

const { folder, measureOnce, remove } = openState('probe');
// Where softflowd exports to: bound, so that nothing comes back; never read, so that the kernel discards what is too much.
const discard = createSocket('udp4');
await new Promise((resolve) => discard.bind(0, '127.0.0.1', resolve));
const output = join(folder, 'output');
const contenders = contendersIn(output, discard.address().port);
const wanted = process.argv.slice(2);
const names = Object.keys(contenders).filter((name) => wanted.length === 0 || wanted.includes(name));

const note = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** A trace by its options; the file is made when it is first asked for, also after a break. */
const traceOf = (options) => {
  const key = JSON.stringify(options);
  const path = join(folder, `${key.replaceAll(/[^a-z0-9]+/gi, '-')}.pcap`);
  const file = () => {
    if (!existsSync(path)) {
      note(`making the trace ${key}`);
      const packets = makeTrace(`${path}.part`, options);
      renameSync(`${path}.part`, path);
      measureOnce(key, () => ({ packets, megabytes: statSync(path).size / 1e6 }));
    }
    return path;
  };
  return { key, file, size: () => measureOnce(key), remove: () => rmSync(path, { force: true }) };
};

const runOf = (name, { key, file }, run) =>
  measureOnce(`${name}, ${key}, ${run}`, () => {
    const path = file();
    mkdirSync(output, { recursive: true });
    warm(path);
    const result = measure(contenders[name](path));
    rmSync(output, { recursive: true });
    note(`${name}, ${key}, ${run}: ${result.cpuS.toFixed(2)} CPU s`);
    return result;
  });

const runsOf = (trace, except) => {
  const taking = names.filter((name) => name !== except);
  const results = Object.fromEntries(taking.map((name) => [name, []]));
  // In turns, so that a slow minute of the machine hits all of them alike.
  for (let run = 0; run < RUNS; run++) {
    for (const name of taking) if (name !== SLOW || run === 0) results[name].push(runOf(name, trace, run));
  }
  return results;
};

const perMillion = (cpuS, packets) => (cpuS / packets) * 1e6;
const cell = (value, digits = 2) => (value === undefined ? '' : value.toFixed(digits));
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** Prints the table of a pair of traces; returns by name, CPU seconds for a million packets more. */
const compare = ({ title, tenth, small, large }) => {
  const [least, few, many] = [tenth, small, large].map(traceOf);
  const ofFew = runsOf(few);
  const ofMany = runsOf(many, SLOW);
  const ofLeast = names.includes(SLOW) ? runOf(SLOW, least, 0) : undefined;
  const more = many.size().packets - few.size().packets;
  const describe = ({ packets, megabytes }) =>
    `${packets.toLocaleString('en')} packets (${megabytes.toFixed(0).replace(/\B(?=(\d{3})+$)/, ',')} MB)`;
  console.log(
    `${title}: ${describe(few.size())} and ${describe(many.size())}, median of ${RUNS}; ${SLOW} once, from a tenth of the smaller one to all of it.\n`,
  );
  const rows = names.map((name) => {
    const smaller = median(ofFew[name].map(({ cpuS }) => cpuS));
    const larger = ofMany[name] && median(ofMany[name].map(({ cpuS }) => cpuS));
    const marginals = ofMany[name]?.map(({ cpuS }) => perMillion(cpuS - smaller, more)) ?? [];
    const peaks = [ofFew, ofMany].map((runs) => runs[name] && median(runs[name].map(({ peakMb }) => peakMb)));
    const marginal = larger
      ? perMillion(larger - smaller, more)
      : perMillion(smaller - ofLeast.cpuS, few.size().packets - least.size().packets);
    return { name, smaller, larger, marginal, marginals, peaks };
  });
  const heads = ['CPU s, fewer', 'CPU s, more', 'CPU s a million packets more', 'from least to most'];
  line(['', ...heads, 'M packets / CPU s', 'peak MB, fewer', 'peak MB, more']);
  line(Array(8).fill('---'));
  for (const { name, smaller, larger, marginal, marginals, peaks } of rows) {
    const spread = marginals.length > 0 ? `${cell(Math.min(...marginals))} to ${cell(Math.max(...marginals))}` : '';
    line([
      name,
      cell(smaller),
      cell(larger),
      cell(marginal),
      spread,
      cell(1 / marginal),
      ...peaks.map((peak) => cell(peak, 0)),
    ]);
  }
  console.log();
  return Object.fromEntries(rows.map(({ name, marginal }) => [name, marginal]));
};

/** What is wanted: `least` times as cheap as the peer. */
const goals = [
  { ours: 'Sonde, to batches', peer: 'softflowd', least: 1 },
  { ours: 'Sonde, stored', peer: 'nfpcapd', least: 1 },
  { ours: 'Sonde, to batches', peer: 'ndpiReader', least: 2.5 },
  { ours: 'Sonde, to batches', peer: 'tshark', least: 10 },
];

const printGoals = (costs) => {
  const probe = costs['Sonde, to batches'];
  const stored = costs['Sonde, stored'];
  if (probe && stored) {
    console.log(
      `Of ${cell(stored)} CPU seconds a million packets, packets to batches take ${cell(probe)}, batches to store ${cell(stored - probe)}.\n`,
    );
  }
  line(['', 'times as cheap', 'wanted', '']);
  line(Array(4).fill('---'));
  for (const { ours, peer, least } of goals) {
    if (!costs[ours] || !costs[peer]) continue;
    const ratio = costs[peer] / costs[ours];
    line([`${ours} / ${peer}`, cell(ratio), `at least ${least}`, ratio >= least ? 'met' : 'missed']);
  }
  console.log();
};

try {
  for (const pair of pairs) {
    printGoals(compare(pair));
    for (const options of [pair.tenth, pair.small, pair.large]) traceOf(options).remove();
  }
  remove();
} finally {
  discard.close();
}
