import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyBits, RECORD_WORDS, Word } from './flow-record.ts';
import { FlowTable } from './flow-table.ts';

interface Key {
  readonly a: number;
  readonly b: number;
  readonly portA: number;
  readonly portB: number;
  readonly protocol: number;
  readonly v6: number;
}

const reversed = ({ a, b, portA, portB, ...rest }: Key): Key => ({ ...rest, a: b, b: a, portA: portB, portB: portA });

const hashOf = (table: FlowTable, { a, b, portA, portB, protocol, v6 }: Key): number =>
  table.hash(a, b, portA, portB, keyBits(protocol, v6));

const find = (table: FlowTable, key: Key): number =>
  table.find(hashOf(table, key), key.a, key.b, key.portA, key.portB, keyBits(key.protocol, key.v6));

/** Adds a flow whose client is `a`, as the probe does. */
const add = (table: FlowTable, key: Key): number => {
  const flow = table.add(hashOf(table, key));
  const w = flow * RECORD_WORDS;
  table.words[w + Word.CLIENT] = key.a;
  table.words[w + Word.SERVER] = key.b;
  table.words[w + Word.PORTS] = (key.portA << 16) | key.portB;
  table.words[w + Word.BITS] = keyBits(key.protocol, key.v6);
  return flow;
};

const key: Key = { a: 0xc0000201 | 0, b: 0xc6336407 | 0, portA: 40_000, portB: 443, protocol: 6, v6: 0 };

test('a flow is found from both sides, and it is told from which', () => {
  const table = new FlowTable(100);
  const flow = add(table, key);
  expect(find(table, key)).toBe(2 * flow);
  expect(find(table, reversed(key))).toBe(2 * flow + 1);
});

test.each([
  ['address', { a: 1 }],
  ['other address', { b: 1 }],
  ['port', { portA: 40_001 }],
  ['other port', { portB: 80 }],
  ['ports changed round', { portA: 443, portB: 40_000 }],
  ['protocol', { protocol: 17 }],
  ['family', { v6: 1 }],
])('another %s is another flow', (_, difference) => {
  const table = new FlowTable(100);
  add(table, key);
  expect(find(table, { ...key, ...difference })).toBe(-1);
});

test('a host that talks to itself on one port has one flow, seen from the client', () => {
  const table = new FlowTable(100);
  const self = { ...key, b: key.a, portB: key.portA };
  const flow = add(table, self);
  expect(find(table, self)).toBe(2 * flow);
});

test('a record that is used again begins with zeros', () => {
  const table = new FlowTable(100);
  const flow = add(table, key);
  table.words.fill(7, flow * RECORD_WORDS + Word.ID_HASH, (flow + 1) * RECORD_WORDS);
  table.remove(flow);
  const again = table.add(5);
  expect(again).toBe(flow);
  const record = [...table.words.subarray(again * RECORD_WORDS, (again + 1) * RECORD_WORDS)];
  expect(record.filter((word) => word !== 0)).toEqual([]);
});

test('addresses and ports chosen to cancel each other out do not share a hash', () => {
  // What a hash without a secret would let a sender work out beforehand.
  const table = new FlowTable(1 << 20);
  const hashes = new Set<number>();
  for (let port = 0; port < 20_000; port++) {
    hashes.add(hashOf(table, { ...key, a: Math.imul(port, 0x9e3779b1), portA: port }));
  }
  expect(hashes.size).toBeGreaterThan(19_900);
});

test('the table is a Map, through growth, removals and collisions of the index', () => {
  const small = fc.nat(12);
  const keys = fc.record({
    a: fc.constantFrom(1, 2, 0x80000000 | 0, -1),
    b: fc.constantFrom(1, 2, 3, -1),
    portA: small,
    portB: small,
    protocol: fc.constantFrom(6, 17),
    v6: fc.constantFrom(0, 1),
  });
  const step = fc.record({ key: keys, remove: fc.integer({ min: 0, max: 9 }), many: fc.nat(60) });
  const textOf = (of: Key): string => [of.a, of.b, of.portA, of.portB, of.protocol, of.v6].join();
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 300 }), (steps) => {
      const table = new FlowTable(1 << 20);
      const oracle = new Map<string, { readonly key: Key; readonly flow: number }>();
      const expected = (of: Key): number => {
        const forward = oracle.get(textOf(of));
        if (forward !== undefined) return 2 * forward.flow;
        const backward = oracle.get(textOf(reversed(of)));
        return backward === undefined ? -1 : 2 * backward.flow + 1;
      };
      for (const each of steps) {
        for (let i = 0; i < each.many; i++) {
          const wanted = { ...each.key, portA: (each.key.portA + 257 * i) & 0xffff };
          const found = find(table, wanted);
          if (found !== expected(wanted)) expect(found).toBe(expected(wanted));
          if (found < 0) oracle.set(textOf(wanted), { key: wanted, flow: add(table, wanted) });
          else if (each.remove > 6) {
            table.remove(found >> 1);
            oracle.delete(textOf(wanted));
            oracle.delete(textOf(reversed(wanted)));
          }
        }
        if (table.size !== oracle.size) expect(table.size).toBe(oracle.size);
      }
      for (const { key: held, flow } of oracle.values()) {
        if (find(table, held) !== 2 * flow) expect(find(table, held)).toBe(2 * flow);
      }
      const visited: number[] = [];
      table.forEach((flow) => {
        visited.push(flow);
      });
      const flows = [...oracle.values()].map(({ flow }) => flow);
      expect(visited.sort((a, b) => a - b)).toEqual(flows.sort((a, b) => a - b));
      expect(Math.max(-1, ...visited)).toBeLessThan(table.bound);
      expect(table.bound).toBeLessThanOrEqual(table.capacity);
    }),
    { numRuns: 15 },
  );
});

test('twenty thousand flows are found again after the table grew', () => {
  const table = new FlowTable(1 << 20);
  const keyOf = (i: number): Key => ({ ...key, a: i % 97, portA: i & 0xffff });
  const flows = Array.from({ length: 20_000 }, (_, i) => add(table, keyOf(i)));
  expect(new Set(flows).size).toBe(20_000);
  for (const [i, flow] of flows.entries()) if (i % 2 === 0) table.remove(flow);
  for (const [i, flow] of flows.entries()) {
    const found = find(table, reversed(keyOf(i)));
    if (found !== (i % 2 === 0 ? -1 : 2 * flow + 1)) expect([i, found]).toEqual([i, 2 * flow + 1]);
  }
});
