import { expect, test } from 'vitest';
import { Catalog } from '../catalog/catalog.ts';
import { loadRuleFiles } from '../catalog/load-rule-files.ts';
import { Interner } from '../kit/interner.ts';
import { NameClaims } from './name-claims.ts';

const catalog = new Catalog(loadRuleFiles(['services']));

test('a name has the rules that the catalog gives it, in each epoch of the interner', () => {
  const interner = new Interner();
  const claims = new NameClaims(catalog, interner);
  const names = ['e13.whatsapp.net', 'nobody.example', 'mmg.whatsapp.net', 'www.facebook.com', 'e13.whatsapp.net'];
  for (const order of [names, names.toReversed()]) {
    for (const name of order) expect(claims.of(interner.code(name))).toEqual(catalog.matchesOf(name));
    interner.reset();
    claims.forget();
  }
});

test('names that the same rules claim share one list', () => {
  const interner = new Interner();
  const claims = new NameClaims(catalog, interner);
  const [one, other] = ['e1.whatsapp.net', 'e2.whatsapp.net'].map((name) => claims.of(interner.code(name)));
  expect(one).not.toEqual([]);
  expect(one).toBe(other);
});
