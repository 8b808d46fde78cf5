/** A process that does one kind of work on a store, with the built code, until it is killed or has done what it was told: made to be killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { orderJobs } from '../dist/jobs/order-jobs.js';
import { parseJob } from '../dist/jobs/parse-job.js';
import { Scheduler } from '../dist/jobs/scheduler.js';
import { Interner } from '../dist/kit/interner.js';
import { Random } from '../dist/kit/random.js';
import { openStore, openWorkbench } from '../dist/store/index.js';
import { Batch, sealBatch } from '../dist/tickets/batch.js';
import { dns, flows, imports } from '../dist/tickets/index.js';

const { path, role, ...task } = JSON.parse(process.argv[2]);

const evening = Date.UTC(2014, 1, 22, 18) * 1000;
const MINUTES = 20;
const ROWS = 24;

const batchOf = (table, source, count, fill) => {
  const interner = new Interner();
  const batch = new Batch(table, interner, count);
  for (let i = 0; i < count; i++) {
    const row = batch.begin();
    batch.columns.source[row] = interner.code(source);
    fill(batch.columns, row, (text) => interner.code(text));
    batch.end();
  }
  return sealBatch(batch);
};

/** The same for the same source and number, whoever makes them. */
const ticketsOf = (source, number) => {
  const random = new Random(number);
  const at = () => evening + random.between(0, MINUTES * 60 - 1) * 1e6;
  return [
    batchOf(flows, source, ROWS, (columns, row, code) => {
      columns.reported_at[row] = at();
      columns.client[row] = code(random.pick(['a', 'b', 'c']));
      columns.service[row] = code('new');
      columns.up_bytes[row] = random.between(0, 1000);
    }),
    batchOf(dns, source, ROWS, (columns, row, code) => {
      columns.reported_at[row] = at();
      columns.service[row] = code('new');
    }),
  ];
};

const rowOfImport = (id, state, rows) =>
  batchOf(imports, id, 1, (columns, row, code) => {
    columns.id[row] = code(id);
    columns.state[row] = code(state);
    columns.databases[row] = code('new');
    columns.row_count[row] = rows;
    columns.last_at[row] = evening + MINUTES * 60e6;
  });

const tell = (message) => process.send?.(message);

const work = {
  /** Imports, one after the other. */
  import: async (store, { numbers }) => {
    for (const number of numbers) {
      const id = `import-${number}`;
      const run = store.beginImport(id);
      for (const batch of ticketsOf(id, number)) await run.write(batch);
      await run.write(rowOfImport(id, 'complete', ROWS));
      await run.commit();
      tell({ kind: 'stored', id, rows: ROWS });
    }
  },
  /** A stream, whose commits show one by one. */
  capture: async (store, { id, commits }) => {
    const stream = store.beginStream(id);
    for (let commit = 1; commit <= commits; commit++) {
      for (const batch of ticketsOf(id, commit)) await stream.write(batch);
      await stream.commit(rowOfImport(id, 'running', ROWS * commit));
      tell({ kind: 'stored', id, rows: ROWS * commit });
    }
  },
  compact: async (store, { rounds, grace }) => {
    for (let round = 0; round < rounds; round++) {
      await store.compact();
      await store.vacuum(grace);
    }
  },
  /** All rows get a label, and then another one. */
  reclassify: async (store, { label, rounds }) => {
    for (let round = 0; round < rounds; round++) {
      const change = {
        operation: 'RECLASSIFY',
        tables: ['flows', 'dns', 'imports'],
        begin: (interner) => (batch) => {
          const codes = batch.columns.service ?? batch.columns.databases;
          codes.fill(interner.code(`${label}-${round}`), 0, batch.rows);
          return true;
        },
      };
      await store.rewrite(change);
    }
  },
  jobs: async (store, { texts, rounds }) => {
    const bench = await openWorkbench({ memoryMb: 256, threads: 1 });
    const jobs = orderJobs(texts.map((text, i) => parseJob(`${i}.job.sql`, text)));
    const until = evening + MINUTES * 60e6;
    const scheduler = new Scheduler(store, bench, jobs, { strategy: 'shared', parallel: 2, until, now: Date.now });
    for (let round = 0; round < rounds; round++) {
      const failures = await scheduler.drain();
      if (failures.length > 0) throw failures[0].error;
      await sleep(1);
    }
    bench.close();
  },
};

const store = await openStore(path, { threads: 1, memoryMb: 256 });
await store.bindKey('0123456789abcdef');
tell({ kind: 'at work' });
await work[role](store, task);
process.disconnect?.();
