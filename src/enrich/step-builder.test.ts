import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StepBuilder } from './step-builder.ts';
import { findStep, stepStart } from './step-table.ts';

const LAST_IPV6 = (1n << 128n) - 1n;

test('ranges become steps, with the gaps between them', () => {
  const builder = new StepBuilder(32);
  expect(builder.add(10n, 19n, 1)).toBe(true);
  expect(builder.add(20n, 29n, 2)).toBe(true);
  expect(builder.add(40n, 0xffffffffn, 3)).toBe(true);
  const { starts, values } = builder.build();
  expect([...starts]).toEqual([0, 10, 20, 30, 40]);
  expect([...values]).toEqual([0, 1, 2, 0, 3]);
});

test('IPv6 addresses take four words', () => {
  const builder = new StepBuilder(128);
  builder.add((0x20010db8n << 96n) | 5n, LAST_IPV6, 7);
  const table = builder.build();
  expect([...table.starts]).toEqual([0, 0, 0, 0, 0x20010db8, 0, 0, 5]);
  expect(stepStart(table, 1)).toEqual(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5));
  expect(stepStart(table, 2)).toBeUndefined();
});

test('a range that is empty, too large or out of order is refused', () => {
  const builder = new StepBuilder(32);
  expect(builder.add(5n, 4n, 1)).toBe(false);
  expect(builder.add(5n, 1n << 32n, 1)).toBe(false);
  builder.add(5n, 9n, 1);
  expect(builder.add(4n, 9n, 1)).toBe(false);
});

test.each([32, 128] as const)(
  'of overlapping ranges of %i bits the one that begins later holds, at every address',
  (bits) => {
    const top = (1n << BigInt(bits)) - 1n;
    const range = fc.tuple(fc.nat(63), fc.nat(63)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(range), fc.boolean(), (ranges, atTop) => {
        const offset = atTop ? top - 63n : 0n;
        const painted = new Array<number>(64).fill(0);
        const builder = new StepBuilder(bits);
        const ascending = ranges.sort(([a], [b]) => a - b);
        for (const [i, [first, last]] of ascending.entries()) {
          expect(builder.add(offset + BigInt(first), offset + BigInt(last), i + 1)).toBe(true);
          painted.fill(i + 1, first, last + 1);
        }
        const table = builder.build();
        const valueAt = (address: bigint): number => {
          const bytes = Buffer.from(address.toString(16).padStart(bits / 4, '0'), 'hex');
          return table.values[findStep(table, bytes)]!;
        };
        expect(painted.map((_, i) => valueAt(offset + BigInt(i)))).toEqual(painted);
        expect(valueAt(atTop ? 0n : top)).toBe(0);
      }),
    );
  },
);
