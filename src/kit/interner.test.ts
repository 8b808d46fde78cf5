import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from './interner.ts';

const ofBytes = (interner: Interner, text: string): number =>
  interner.latin1(Buffer.from(`${text}left over`, 'latin1'), text.length);

test('equal texts have equal codes, dense from 0, which is that of the empty text', () => {
  const interner = new Interner();
  expect(['', 'a', 'b', 'a', ''].map((text) => interner.code(text))).toEqual([0, 1, 2, 1, 0]);
  expect([interner.text(1), interner.text(99), interner.size]).toEqual(['a', '', 3]);
});

test('a word of the program has the code of its text, in each epoch', () => {
  const interner = new Interner();
  interner.code('a');
  expect([interner.word('tcp'), interner.word('a'), interner.word(''), interner.code('tcp')]).toEqual([2, 1, 0, 2]);
  interner.reset();
  expect([interner.word('tcp'), interner.text(1)]).toEqual([1, 'tcp']);
});

describe('a text that comes as bytes', () => {
  test('has the code that it has as a string, whichever came first', () => {
    const interner = new Interner();
    const first = interner.code('first.example');
    expect(ofBytes(interner, 'first.example')).toBe(first);
    expect(interner.code('second.example')).toBe(ofBytes(interner, 'second.example'));
    expect(ofBytes(interner, '')).toBe(0);
    expect(interner.size).toBe(3);
  });

  test('is told from all others, through growth', () => {
    const interner = new Interner();
    const text = fc
      .constantFrom(1, 3, 4, 5, 8, 40)
      .chain((n) => fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'ÿ'), minLength: n, maxLength: n }));
    fc.assert(
      fc.property(text, (each) => {
        expect(interner.text(ofBytes(interner, each))).toBe(each);
      }),
      { numRuns: 5000 },
    );
    const codes = Array.from({ length: 10_000 }, (_, i) => ofBytes(interner, `host${i}.example`));
    expect(new Set(codes).size).toBe(10_000);
    expect(codes.map((_, i) => ofBytes(interner, `host${i}.example`))).toEqual(codes);
  });

  test('has a new code after a reset', () => {
    const interner = new Interner();
    ofBytes(interner, 'a.example');
    interner.reset();
    interner.code('another');
    expect(ofBytes(interner, 'a.example')).toBe(2);
    expect(interner.text(2)).toBe('a.example');
  });
});
