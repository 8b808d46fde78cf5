import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { formatIpv4, formatIpv6, parseAddress } from './address.ts';
import { AddressTable } from './address-table.ts';

const ipv4 = (table: AddressTable, text: string): number => table.ipv4(Buffer.from(parseAddress(text)!).readInt32BE());
const ipv6 = (table: AddressTable, text: string): number => table.ipv6(parseAddress(text)!, 0);

test('equal addresses have equal ids, dense from 0, in both families', () => {
  const table = new AddressTable();
  expect(ipv4(table, '192.0.2.1')).toBe(0);
  expect(ipv6(table, '2001:db8::1')).toBe(1);
  expect(ipv4(table, '255.255.255.255')).toBe(2);
  expect(ipv4(table, '192.0.2.1')).toBe(0);
  expect(ipv6(table, '2001:db8::1')).toBe(1);
  expect([0, 1, 2].map((id) => [table.text(id), table.isIpv6(id)])).toEqual([
    ['192.0.2.1', false],
    ['2001:db8::1', true],
    ['255.255.255.255', false],
  ]);
  expect([table.size, table.bound]).toEqual([3, 3]);
});

test('0.0.0.0, :: and an IPv6 address that begins as an IPv4 address are three addresses', () => {
  const table = new AddressTable();
  const ids = [ipv4(table, '0.0.0.0'), ipv6(table, '::'), ipv4(table, '32.1.13.184'), ipv6(table, '2001:db8::')];
  expect(new Set(ids).size).toBe(4);
});

test('an IPv6 address is read where it stands', () => {
  const table = new AddressTable();
  const bytes = Buffer.alloc(40, 0xaa);
  bytes.set(parseAddress('2001:db8::ff')!, 13);
  expect(table.text(table.ipv6(bytes, 13))).toBe('2001:db8::ff');
});

test('word gives the address back, most significant first', () => {
  const table = new AddressTable();
  const id = ipv6(table, '2001:db8:8000::7');
  expect([0, 1, 2, 3].map((i) => table.word(id, i))).toEqual([0x20010db8, 0x80000000 | 0, 0, 7]);
});

describe('interner codes', () => {
  test('a text is interned once, and anew after the interner was reset', () => {
    const table = new AddressTable();
    const interner = new Interner();
    const id = ipv4(table, '192.0.2.1');
    const code = table.code(id, interner);
    expect(interner.text(code)).toBe('192.0.2.1');
    expect(table.code(id, interner)).toBe(code);
    interner.reset();
    interner.code('something else');
    table.forgetCodes();
    expect(interner.text(table.code(id, interner))).toBe('192.0.2.1');
  });

  test('an id that is given out again has the code of its new address', () => {
    const table = new AddressTable();
    const interner = new Interner();
    table.code(ipv4(table, '192.0.2.1'), interner);
    table.sweep(new Uint8Array(1));
    const id = ipv4(table, '192.0.2.2');
    expect(id).toBe(0);
    expect(interner.text(table.code(id, interner))).toBe('192.0.2.2');
  });
});

test('ids that are kept outlive a sweep, the others are given out again before new ones', () => {
  const table = new AddressTable();
  const ids = Array.from({ length: 5000 }, (_, i) => table.ipv4(i));
  const marks = Uint8Array.from(ids, (id) => id % 3);
  table.sweep(marks);
  expect(table.size).toBe(marks.filter((mark) => mark > 0).length);
  for (const id of ids) if (marks[id] !== 0) expect(table.ipv4(id)).toBe(id);
  const added = Array.from({ length: 5000 - table.size }, (_, i) => table.ipv4(0x1000000 + i));
  expect(new Set(added)).toEqual(new Set(ids.filter((id) => marks[id] === 0)));
  expect(table.bound).toBe(5000);
  expect(table.ipv4(0x2000000)).toBe(5000);
});

test('the table is a Map from address to id, through growth and sweeps', () => {
  const address = fc.record({ v6: fc.boolean(), low: fc.nat(6000), high: fc.constantFrom(0, 1, 0x80000000) });
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ kind: fc.constant('add' as const), from: address, count: fc.nat(400) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), keep: fc.integer({ min: 1, max: 4 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new AddressTable();
      const oracle = new Map<string, number>();
      for (const each of steps) {
        if (each.kind === 'sweep') {
          const marks = new Uint8Array(table.bound);
          for (const [text, id] of oracle) {
            if (id % each.keep === 0) marks[id] = 1;
            else oracle.delete(text);
          }
          table.sweep(marks);
        } else {
          for (let i = 0; i < each.count; i++) {
            const { v6, low, high } = each.from;
            const bytes = Buffer.alloc(16);
            bytes.writeUInt32BE(high, 0);
            bytes.writeUInt32BE(low + i, 12);
            const text = v6 ? formatIpv6(bytes) : formatIpv4(low + i + high);
            const id = v6 ? table.ipv6(bytes, 0) : table.ipv4((low + i + high) | 0);
            const known = oracle.get(text);
            if (known !== undefined) expect(id).toBe(known);
            oracle.set(text, id);
          }
        }
        expect(table.size).toBe(oracle.size);
      }
      expect(new Set(oracle.values()).size).toBe(oracle.size);
      for (const [text, id] of oracle) if (table.text(id) !== text) expect(table.text(id)).toBe(text);
    }),
    { numRuns: 60 },
  );
});
