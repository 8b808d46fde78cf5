import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NAME_BAD, NAME_CUT, readName, skipName } from './dns-name.ts';

const bytesOf = (...parts: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))));

const read = (bytes: Uint8Array, at = 0): string | undefined => readName(bytes, 0, at, bytes.length);

test('labels are joined by dots, A-Z in lower case, without a final dot', () => {
  const bytes = bytesOf(1, 'G', 8, 'WhatsApp', 3, 'net', 0, 'rest');
  expect(read(bytes)).toBe('g.whatsapp.net');
  expect(skipName(bytes, 0, bytes.length)).toBe(16);
});

test('the root is a dot', () => {
  expect(read(bytesOf(0))).toBe('.');
});

test('a pointer continues the name elsewhere and ends it here', () => {
  const bytes = bytesOf(8, 'whatsapp', 3, 'net', 0, 1, 'g', 0xc0, 0, 'rest');
  expect(read(bytes, 14)).toBe('g.whatsapp.net');
  expect(skipName(bytes, 14, bytes.length)).toBe(18);
});

test('pointers count from the start of the message', () => {
  expect(readName(bytesOf('??', 3, 'net', 0, 0xc0, 0), 2, 7, 9)).toBe('net');
});

test('only A-Z is folded; other bytes, dots and backslashes inside labels are escaped', () => {
  expect(read(bytesOf(7, 'a.b\\c d', 2, 0xc4, 0xd6, 1, 0, 3, '[@]', 0))).toBe('a\\.b\\\\c\\032d.\\196\\214.\\000.[@]');
});

test.each([
  ['cut in a label', bytesOf(5, 'abc'), NAME_CUT],
  ['without an end', bytesOf(3, 'abc'), NAME_CUT],
  ['cut in a pointer', bytesOf(0xc0), NAME_CUT],
  ['empty', bytesOf(), NAME_CUT],
  ['of an unknown label type', bytesOf(0x41, 'a', 0), NAME_BAD],
  ['of 256 bytes', bytesOf(...Array.from({ length: 127 }, () => [1, 'a']).flat(), 0x01, 'a', 0), NAME_BAD],
])('a name %s is no name', (_, bytes, fault) => {
  expect(read(bytes)).toBeUndefined();
  expect(skipName(bytes, 0, bytes.length)).toBe(fault);
});

test('a name of 255 bytes is one', () => {
  const bytes = bytesOf(...Array.from({ length: 127 }, () => [1, 'a']).flat(), 0);
  expect(read(bytes)).toBe(Array(127).fill('a').join('.'));
  expect(skipName(bytes, 0, bytes.length)).toBe(255);
});

test.each([
  ['to itself', bytesOf(0xc0, 0)],
  ['in a circle', bytesOf(0xc0, 2, 0xc0, 0)],
  ['in a circle with labels', bytesOf(1, 'a', 0xc0, 0)],
  ['past the end', bytesOf(0xc0, 9)],
])('a pointer %s leads nowhere', (_, bytes) => {
  expect(read(bytes)).toBeUndefined();
});

/** The bytes of a name in presentation form: the way back, for names without upper case. */
const labelsOf = (text: string): Buffer[] => {
  const labels: number[][] = [[]];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '.') labels.push([]);
    else if (text[i] !== '\\') labels.at(-1)!.push(text.charCodeAt(i));
    else if (/\d/.test(text[i + 1]!)) {
      labels.at(-1)!.push(Number(text.slice(i + 1, i + 4)));
      i += 3;
    } else labels.at(-1)!.push(text.charCodeAt(++i));
  }
  return labels.map((label) => Buffer.from(label));
};

test('the text of a name tells its bytes', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => bytes.filter((b) => b < 65 || b > 90));
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), (labels) => {
      const whole = labels.filter((l) => l.length > 0).map((l) => Buffer.from(l));
      fc.pre(whole.length > 0);
      const bytes = Buffer.concat([...whole.flatMap((l) => [Buffer.from([l.length]), l]), Buffer.from([0])]);
      expect(labelsOf(read(bytes)!)).toEqual(whole);
    }),
  );
});
