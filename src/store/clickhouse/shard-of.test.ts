import { expect, test } from 'vitest';
import { sealRows } from '../../../test/store-fixture.ts';
import { Interner } from '../../kit/interner.ts';
import { bursts, counters, flows, imports } from '../../tickets/index.ts';
import { Sharder, shardColumn, shardOfText } from './shard-of.ts';

test('tables are spread by client, flow or import', () => {
  expect([flows, bursts, counters, imports].map(shardColumn)).toEqual(['client', 'flow_id', 'source', 'source']);
});

test('rows of a client go to the shard of its hash, from batch to batch', () => {
  const sharder = new Sharder(flows, 3);
  const clients = Array.from({ length: 100 }, (_, i) => `client ${i % 17}`);
  for (const interner of [new Interner(), new Interner()]) {
    const batch = sealRows(
      flows,
      clients.map((client, i) => ({ fqdn: `name ${i}`, client })),
      interner,
    );
    const expected = [0, 1, 2].map((shard) =>
      Int32Array.from(clients.flatMap((client, row) => (shardOfText(client, 3) === shard ? [row] : []))),
    );
    expect(sharder.spread(batch)).toEqual(expected);
  }
});

test('an id is spread as its text, and what was not observed as no text', () => {
  const flow = (id: string) => ({ source: 'a', flow_id: id });
  const batch = sealRows(bursts, ['5308e8200badcafe', '0000000000000000', 'ffffffff00000001'].map(flow));
  const expected = ['5308e8200badcafe', '', 'ffffffff00000001'].map((text) => shardOfText(text, 5));
  const shards = new Sharder(bursts, 5).spread(batch);
  expect([0, 1, 2].map((row) => shards.findIndex((rows) => rows.includes(row)))).toEqual(expected);
  const without = new Sharder(flows, 5).spread(sealRows(flows, [{ source: 'a' }]));
  expect(without.map((rows) => rows.length)).toEqual(
    [0, 1, 2, 3, 4].map((shard) => Number(shard === shardOfText('', 5))),
  );
});
