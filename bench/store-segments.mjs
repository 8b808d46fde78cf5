/** What storing costs: CPU time and bytes a row of each table, from sealed batches to synced segments. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DAY, HOUR, SECOND } from '../dist/kit/time.js';
import { openSegments } from '../dist/store/delta/segment-sink.js';
import { tables } from '../dist/tickets/index.js';
import { importInto } from './import-into.mjs';
import { makeTrace } from './make-trace.mjs';
import { cpuSeconds, median } from './measure.mjs';
import { PlantedNetwork } from './planted-network.mjs';

const RUNS = 7;
const CLIENTS = 350;
/** Rows a run at least, so that the clock of CPU time has something to measure: the same rows, days later. */
const MIN_ROWS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
const captures = fileURLToPath(new URL('../../shared/data/captures/ndpi', import.meta.url));

/** A batch whose arrays are its own. */
const copyOf = (batch) => ({
  ...batch,
  columns: batch.columns.map((column) => ({
    ...column,
    values: column.values.slice(),
    ...(column.offsets && { offsets: column.offsets.slice() }),
  })),
});

/** The sealed batches that an import hands to the store, by table. */
const record = async (inputs) => {
  const batches = new Map();
  await importInto(inputs, {
    write: async (batch) => batches.set(batch.table, [...(batches.get(batch.table) ?? []), copyOf(batch)]),
  });
  batches.delete('imports');
  return batches;
};

/** The same `days` later: other times and other ids. */
const later = (batch, days) => ({
  ...batch,
  columns: batch.columns.map((column) => {
    if (column.kind === 'time') return { ...column, values: column.values.map((at) => at + days * DAY) };
    if (column.kind !== 'id') return column;
    const secondsOrHash = (word, i) => (i % 2 === 0 ? word + (days * DAY) / SECOND : Math.imul(word, 2 * days + 1));
    return { ...column, values: column.values.map(secondsOrHash) };
  }),
});

let stores = 0;
/** Writes the batches of one table as one import. */
const store = async (batches) => {
  const sink = openSegments(join(folder, `store-${stores++}`));
  const before = cpuSeconds();
  for (const batch of batches) await sink.write(batch);
  const segments = await sink.finish();
  const cpuS = cpuSeconds() - before;
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  return {
    rows,
    usPerRow: (1e6 * cpuS) / rows,
    bytesPerRow: segments.reduce((sum, { bytes }) => sum + bytes, 0) / rows,
  };
};

const tell = async (title, recorded) => {
  console.log(
    `${title}, median of ${RUNS}; the first run, which warms the compiler up, apart, and the bytes are its own:\n`,
  );
  console.log('| | rows | columns | CPU us a row | k rows / CPU s | first run, us a row | bytes a row |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [table, batches] of recorded) {
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    const once = await store(batches);
    const days = Array.from({ length: Math.ceil(MIN_ROWS / rows) }, (_, day) => day);
    const many = days.flatMap((day) => batches.map((batch) => later(batch, day)));
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await store(many));
    const cost = median(runs.map(({ usPerRow }) => usPerRow));
    const cells = [
      rows,
      Object.keys(tables.find(({ name }) => name === table).columns).length,
      cost.toFixed(2),
      (1000 / cost).toFixed(0),
      once.usPerRow.toFixed(1),
      once.bytesPerRow.toFixed(1),
    ];
    console.log(`| ${[table, ...cells].join(' | ')} |`);
  }
  console.log();
};

const plant = () => {
  const batches = new Map();
  const from = Date.UTC(2014, 1, 18) * 1000;
  for (const batch of new PlantedNetwork({ seed: 20140218 }).import('day', from, from + 2 * HOUR, () => 1000))
    batches.set(batch.table, [...(batches.get(batch.table) ?? []), copyOf(batch)]);
  batches.delete('imports');
  return batches;
};

try {
  const trace = join(folder, 'trace.pcap');
  const packets = makeTrace(trace, { clients: CLIENTS });
  await tell(`The trace of the probe's benchmark, ${packets.toLocaleString('en')} packets`, await record([trace]));
  const real = readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name));
  await tell(
    `${real.length} real captures of nDPI's collection`,
    await record(real.map((name) => join(captures, name))),
  );
  await tell('The planted network of the benchmark of the store, 200,000 clients and 60,000 servers', plant());
} finally {
  rmSync(folder, { recursive: true });
}
