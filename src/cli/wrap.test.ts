import { expect, test } from 'vitest';
import { hang, wrap } from './wrap.ts';

test('words are put into lines that fit, a longer one alone', () => {
  expect(wrap('one two three incomprehensibilities four', 12, '  ')).toBe(
    ['  one two', '  three', '  incomprehensibilities', '  four'].join('\n'),
  );
});

test('what follows a label hangs under itself', () => {
  expect(hang('  rule     one two three', 20)).toBe(['  rule     one two', '           three'].join('\n'));
  expect(hang('             one two three', 20)).toBe(['             one two', '             three'].join('\n'));
  expect(hang('flow one two', 10)).toBe(['flow one', 'two'].join('\n'));
  expect(hang('  SNI      mmv1.whatsapp.net', 80)).toBe('  SNI      mmv1.whatsapp.net');
});
