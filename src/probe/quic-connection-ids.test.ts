import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { QuicConnectionIds } from './quic-connection-ids.ts';

const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 0xff);

test('an id stands for its flow until that is over', () => {
  const ids = new QuicConnectionIds();
  ids.learn(7, bytes, 3, 8);
  ids.learn(8, bytes, 20, 20);
  expect([ids.find(bytes, 3, 64), ids.find(bytes, 20, 64), ids.find(bytes, 4, 64)]).toEqual([7, 8, undefined]);
  ids.forget(7);
  expect([ids.find(bytes, 3, 64), ids.find(bytes, 20, 64)]).toEqual([undefined, 8]);
});

test('ids that are too short prove nothing, and a packet that ends in one has none', () => {
  const ids = new QuicConnectionIds();
  ids.learn(7, bytes, 3, 7);
  ids.learn(8, bytes, 3, 21);
  expect(ids.find(bytes, 3, 64)).toBeUndefined();
  ids.learn(9, bytes, 3, 8);
  expect([ids.find(bytes, 3, 11), ids.find(bytes, 3, 10)]).toEqual([9, undefined]);
});

test('the first id of a flow, and the first flow of an id, stay', () => {
  const ids = new QuicConnectionIds();
  ids.learn(7, bytes, 3, 8);
  ids.learn(7, bytes, 20, 8);
  ids.learn(8, bytes, 3, 8);
  expect([ids.find(bytes, 3, 64), ids.find(bytes, 20, 64)]).toEqual([7, undefined]);
});

test('what one flow goes by passes to another', () => {
  const ids = new QuicConnectionIds();
  ids.learn(7, bytes, 3, 8);
  ids.pass(7, 8);
  ids.forget(7);
  expect(ids.find(bytes, 3, 64)).toBe(8);
});

test('so many are kept, and of more the oldest is given up', () => {
  const ids = new QuicConnectionIds();
  const id = new Uint8Array(8);
  const learn = (flow: number): void => {
    new DataView(id.buffer).setUint32(0, flow);
    ids.learn(flow, id, 0, 8);
  };
  for (let flow = 0; flow <= 1 << 17; flow++) learn(flow);
  expect(ids.find(id, 0, 8)).toBe(1 << 17);
  expect(ids.find(new Uint8Array(8), 0, 8)).toBeUndefined();
  expect(ids.checkpoint()).toHaveLength(1 << 17);
});

test('many are told from each other while flows come and go', () => {
  const ids = new QuicConnectionIds();
  const random = new Random(7);
  const expected = new Map<number, Buffer>();
  for (let flow = 0; flow < 40_000; flow++) {
    const id = Buffer.from([...Array(8 + random.between(0, 12))].map(() => random.between(0, 255)));
    ids.learn(flow, id, 0, id.length);
    expected.set(flow, id);
    const over = random.between(0, flow);
    ids.forget(over);
    expected.delete(over);
  }
  const restored = new QuicConnectionIds();
  restored.restore(structuredClone(ids.checkpoint()));
  for (const [flow, id] of expected)
    expect([ids.find(id, 0, id.length), restored.find(id, 0, id.length)]).toEqual([flow, flow]);
  expect(ids.checkpoint()).toHaveLength(expected.size);
});

test('are taken up as they were put aside', () => {
  const ids = new QuicConnectionIds();
  ids.learn(7, bytes, 3, 8);
  const restored = new QuicConnectionIds();
  restored.restore(structuredClone(ids.checkpoint()));
  expect(restored.find(bytes, 3, 64)).toBe(7);
});
