import { expect, test } from 'vitest';
import { Interner } from './interner.ts';
import { WordLists } from './word-lists.ts';

const scene = () => {
  const interner = new Interner();
  const lists = new WordLists(interner);
  const wordsOf = (text: string): string[] => lists.of(interner.code(text)).map((code) => interner.text(code));
  return { interner, lists, wordsOf };
};

test('a list is the words of its text, as codes', () => {
  const { wordsOf } = scene();
  expect(wordsOf('h2 http/1.1')).toEqual(['h2', 'http/1.1']);
  expect(wordsOf('h3')).toEqual(['h3']);
  expect(wordsOf('')).toEqual([]);
});

test('a new epoch of the interner has lists of its own', () => {
  const { interner, lists, wordsOf } = scene();
  wordsOf('h2 http/1.1');
  interner.reset();
  lists.forget();
  expect(wordsOf('h3 h2')).toEqual(['h3', 'h2']);
});
