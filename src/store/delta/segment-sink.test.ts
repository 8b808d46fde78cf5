import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { evening, flowRows, importRow, sealRows, temporaryFolder } from '../../../test/store-fixture.ts';
import { counters, dns, flows } from '../../tickets/index.ts';
import { literal, startEngine } from '../engine/engine.ts';
import type { WrittenSegment } from './segment.ts';
import { openSegments } from './segment-sink.ts';

/** The rows of segments as the engine's JSON, which keeps 64-bit numbers as text. */
const readBack = async (folder: string, segments: readonly WrittenSegment[], columns: string) => {
  const engine = await startEngine({ threads: 1 });
  onTestFinished(() => engine.closeSync());
  const files = segments.map(({ table, file }) => literal(join(folder, table, file)));
  const connection = await engine.connect();
  const reader = await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet([${files.join(', ')}])`);
  return reader.getRowsJson();
};

test('each kind of column keeps its values, and what was not observed', async () => {
  const folder = temporaryFolder();
  const sink = openSegments(folder);
  await sink.write(
    sealRows(dns, [
      {
        asked_at: evening + 1,
        latency_us: 2 ** 53 - 1,
        retries: -3,
        truncated: 1,
        ech_config: 0,
        qname: 'e1.whatsapp.net',
        answers: ['31.13.93.53', '2a03:2880:f21c:80c1:face:b00c:0:167'],
        ttls_s: [60, 0],
      },
      { asked_at: -1, latency_us: 0, qname: 'exactly12byt', rcode: 'thirteen byte' },
      {},
    ]),
  );
  const segments = await sink.finish();
  const columns =
    'asked_at, answered_at, latency_us, retries, truncated, ech_config, qname, rcode, answers, ttls_s, aliases';
  expect(await readBack(folder, segments, columns)).toEqual([
    [
      '2014-02-22 18:00:00.000001',
      null,
      '9007199254740991',
      '-3',
      true,
      false,
      'e1.whatsapp.net',
      '',
      ['31.13.93.53', '2a03:2880:f21c:80c1:face:b00c:0:167'],
      ['60', '0'],
      [],
    ],
    ['1969-12-31 23:59:59.999999', null, '0', null, null, null, 'exactly12byt', 'thirteen byte', [], [], []],
    [null, null, null, null, null, null, '', '', [], [], []],
  ]);
});

test('a segment tells its size, hash, rows and the range of its clocks, and leaves nothing else behind', async () => {
  const folder = temporaryFolder();
  const sink = openSegments(folder);
  await sink.write(flowRows('a', 3));
  await sink.write(flowRows('a', 5));
  const [segment, ...others] = await sink.finish();
  expect(others).toEqual([]);
  const bytes = readFileSync(join(folder, 'flows', segment!.file));
  expect(segment).toEqual({
    table: 'flows',
    hours: new Map([[1393092000000000, 8]]),
    file: expect.stringMatching(/^[0-9a-f-]{36}\.parquet$/),
    bytes: bytes.length,
    rows: 8,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    columns: Object.keys(flows.columns).length,
    times: { reported_at: [evening, evening + 4e6], started_at: [evening, evening + 4e6] },
  });
  expect(readdirSync(join(folder, 'flows'))).toEqual([segment!.file]);
});

test('rows beyond one chunk, and batches with words of their own, keep their order', async () => {
  const folder = temporaryFolder();
  const sink = openSegments(folder);
  for (const id of ['first', 'second', 'third']) await sink.write(flowRows(id, 2048 + 1));
  const rows = await readBack(folder, await sink.finish(), 'source, epoch_us(started_at)');
  expect(rows).toEqual(
    ['first', 'second', 'third'].flatMap((id) =>
      Array.from({ length: 2049 }, (_, i) => [id, String(evening + i * 1e6)]),
    ),
  );
});

test('imports that write at the same time get segments of their own', async () => {
  const folder = temporaryFolder();
  const written = await Promise.all(
    ['a', 'b', 'c'].map(async (id) => {
      const sink = openSegments(folder);
      await sink.write(flowRows(id, 10));
      await sink.write(importRow(id));
      return sink.finish();
    }),
  );
  expect(
    await Promise.all(written.map((segments) => readBack(folder, segments.slice(0, 1), 'DISTINCT source'))),
  ).toEqual([[['a']], [['b']], [['c']]]);
});

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const whole = fc.option(fc.maxSafeInteger(), { nil: Number.NaN });

test('any words, numbers and lists come back as they were', async () => {
  const folder = temporaryFolder();
  const row = fc.record({ service: text, class: text, flows_opened: whole, users_hll: fc.array(fc.maxSafeInteger()) });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
      const sink = openSegments(folder);
      await sink.write(sealRows(counters, rows));
      const read = await readBack(folder, await sink.finish(), 'service, class, flows_opened, users_hll');
      expect(read).toEqual(
        rows.map(({ service, class: kind, flows_opened: opened, users_hll: registers }) => [
          service,
          kind,
          Number.isNaN(opened) ? null : String(opened),
          registers.map(String),
        ]),
      );
    }),
    { numRuns: 20, seed: 20140222 },
  );
});

test('a folder that cannot be written to is an error with its reason, and the sink can still be abandoned', async () => {
  const sink = openSegments('/dev/null');
  await sink.write(flowRows('a', 1));
  await expect(sink.finish()).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
  expect(await sink.abandon()).toEqual([]);
});
