/** What storing costs: CPU time and bytes a row of each table, from sealed batches to synced segments. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSegments } from '../dist/store/delta/segment-sink.js';
import { tables } from '../dist/tickets/index.js';
import { importInto } from './import-into.mjs';
import { makeTrace } from './make-trace.mjs';
import { median } from './measure.mjs';

const RUNS = 7;
const CLIENTS = 350;
/** Rows a run at least, so that the clock of CPU time has something to measure. */
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

let stores = 0;
/** Writes the batches of one table `times` times, as one import. */
const store = async (batches, times) => {
  const sink = openSegments(join(folder, `store-${stores++}`));
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) for (const batch of batches) await sink.write(batch);
  const segments = await sink.finish();
  const { user, system } = process.cpuUsage(before);
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  return {
    rows,
    usPerRow: (user + system) / rows,
    bytesPerRow: segments.reduce((sum, { bytes }) => sum + bytes, 0) / rows,
  };
};

const tell = async (title, inputs) => {
  const recorded = await record(inputs);
  console.log(`${title}, median of ${RUNS}, the first run, which warms the compiler up, apart:\n`);
  console.log('| | rows | columns | CPU us a row | k rows / CPU s | first run, us a row | bytes a row |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [table, batches] of recorded) {
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    const once = await store(batches, 1);
    const times = Math.ceil(MIN_ROWS / rows);
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await store(batches, times));
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

try {
  const trace = join(folder, 'trace.pcap');
  const packets = makeTrace(trace, { clients: CLIENTS });
  await tell(`The trace of the probe's benchmark, ${packets.toLocaleString('en')} packets`, [trace]);
  const real = readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name));
  await tell(
    `${real.length} real captures of nDPI's collection`,
    real.map((name) => join(captures, name)),
  );
} finally {
  rmSync(folder, { recursive: true });
}
