import { expect, test } from 'vitest';
import { CodeCache } from './code-cache.ts';
import { Interner } from './interner.ts';

test('each code is computed once, however large, until the cache is cleared', () => {
  const asked: number[] = [];
  const interner = new Interner();
  const cache = new CodeCache((code) => {
    asked.push(code);
    return 2 * code;
  });
  for (const code of [3, 0, 1023, 1024, 5000, 3, 1024, 5000]) expect(cache.of(code, interner)).toBe(2 * code);
  expect(asked).toEqual([3, 0, 1023, 1024, 5000]);
  cache.clear();
  expect(cache.of(3, interner)).toBe(6);
  expect(asked).toHaveLength(6);
});
