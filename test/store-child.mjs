/** A process that imports into a store, with the built code: told by one JSON argument, and made to be killed. */
import { Interner } from '../dist/kit/interner.js';
import { openStore } from '../dist/store/index.js';
import { Batch, sealBatch } from '../dist/tickets/batch.js';
import { counters, dns, flows, imports } from '../dist/tickets/index.js';

/** `ids` of the imports to make one after the other; `rows` in each of flows, dns and counters. */
const { path, ids, rows } = JSON.parse(process.argv[2]);

const evening = Date.UTC(2014, 1, 22, 18) * 1e6;

const batchOf = (table, count, fill) => {
  const interner = new Interner();
  const batch = new Batch(table, interner, count);
  while (!batch.full) {
    const row = batch.begin();
    fill(batch.columns, row, (text) => interner.code(text));
    batch.end();
  }
  return sealBatch(batch);
};

const store = await openStore(path);
await store.bindKey('0123456789abcdef');
process.send?.({ kind: 'started' });
for (const id of ids) {
  const run = store.beginImport(id);
  for (const table of [flows, dns, counters])
    for (let start = 0; start < rows; start += 500)
      await run.write(
        batchOf(table, Math.min(500, rows - start), (columns, row, code) => {
          columns.source[row] = code(id);
          columns.reported_at[row] = evening + (start + row) * 1e6;
          columns.service[row] = code(`service ${(start + row) % 7}`);
          if (table === flows) columns.up_bytes[row] = start + row;
        }),
      );
  await run.write(
    batchOf(imports, 1, (columns, row, code) => {
      columns.source[row] = code(id);
      columns.id[row] = code(id);
    }),
  );
  process.send?.({ kind: 'committing' });
  const { added } = await run.commit();
  process.send?.({ kind: 'committed', id, added });
}
process.disconnect?.();
