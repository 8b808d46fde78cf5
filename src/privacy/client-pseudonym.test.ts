import { expect, test } from 'vitest';
import { clientPseudonym } from './client-pseudonym.ts';
import { keyOf } from './key.ts';

test('the same key gives the same pseudonym in any process, another key another', () => {
  const key = keyOf(Uint8Array.from({ length: 32 }, (_, i) => i));
  expect(clientPseudonym(key)('10.0.0.1')).toBe('cb2a661a3a55514fb');
  expect(clientPseudonym(key)('10.0.0.2')).toMatch(/^c[0-9a-f]{16}$/);
  expect(clientPseudonym(keyOf(new Uint8Array(32)))('10.0.0.1')).not.toBe(clientPseudonym(key)('10.0.0.1'));
});
