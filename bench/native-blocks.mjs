/** What encoding for ClickHouse costs: CPU time and bytes a row of flows, as Native blocks and as what else a server reads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeBlock } from '../dist/store/clickhouse/native-block.js';
import { flows } from '../dist/tickets/index.js';
import { importInto } from './import-into.mjs';
import { makeTrace } from './make-trace.mjs';
import { median } from './measure.mjs';

const RUNS = 5;
const CLIENTS = 350;

/** The sealed batches of flows that an import hands to the store, their arrays their own. */
const record = async (trace) => {
  const batches = [];
  await importInto([trace], {
    write: async (batch) => {
      if (batch.table !== flows.name) return;
      const copies = batch.columns.map(({ values, offsets, ...column }) => ({
        ...column,
        values: values.slice(),
        ...(offsets && { offsets: offsets.slice() }),
      }));
      batches.push({ ...batch, columns: copies });
    },
  });
  return batches;
};

const allRows = ({ rows }) => Int32Array.from({ length: rows }, (_, row) => row);

const native = (batches) => {
  const block = new NativeBlock(flows, 'current');
  let bytes = 0;
  for (const batch of batches) {
    if (!block.takes(batch)) bytes += block.end([]).bytes.length;
    block.add(batch, allRows(batch));
  }
  return bytes + block.end([]).bytes.length;
};

const hex = (word) => (word >>> 0).toString(16).padStart(8, '0');

/** A cell of a sealed column as JavaScript has it; undefined is NULL. */
const cellOf = ({ kind, values, offsets }, texts, row) => {
  if (kind === 'text') return texts.text(values[row]);
  if (kind === 'id') return hex(values[2 * row]) + hex(values[2 * row + 1]);
  if (offsets === undefined) return Number.isNaN(values[row]) ? undefined : values[row];
  const list = Array.from(values.subarray(offsets[row], offsets[row + 1]));
  return kind === 'texts' ? list.map((code) => texts.text(code)) : list;
};

const jsonLines = (batches) => {
  let bytes = 0;
  for (const { rows, columns, texts } of batches) {
    const lines = [];
    for (let row = 0; row < rows; row++) {
      const object = {};
      for (const column of columns) object[column.name] = cellOf(column, texts, row);
      lines.push(JSON.stringify(object));
    }
    bytes += Buffer.from(lines.join('\n')).length;
  }
  return bytes;
};

const encoders = { Native: native, JSONEachRow: jsonLines };

const folder = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
try {
  const trace = join(folder, 'trace.pcap');
  makeTrace(trace, { clients: CLIENTS });
  const batches = await record(trace);
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  console.log(`${rows} flows of ${Object.keys(flows.columns).length} columns, median of ${RUNS}:\n`);
  console.log('| | CPU us a row | k rows / CPU s | bytes a row |');
  console.log('|---|---|---|---|');
  const costs = Object.fromEntries(Object.keys(encoders).map((name) => [name, []]));
  const sizes = {};
  for (let run = 0; run <= RUNS; run++) {
    for (const [name, encode] of Object.entries(encoders)) {
      const before = process.cpuUsage();
      sizes[name] = encode(batches) / rows;
      const { user, system } = process.cpuUsage(before);
      // The first run warms the compiler up.
      if (run > 0) costs[name].push((user + system) / rows);
    }
  }
  for (const name of Object.keys(encoders)) {
    const cost = median(costs[name]);
    console.log(`| ${[name, cost.toFixed(2), (1000 / cost).toFixed(0), sizes[name].toFixed(0)].join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
