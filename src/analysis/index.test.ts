import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantStore } from '../../test/planted-store.ts';
import { plantTraffic } from '../../test/planted-traffic.ts';
import type { Scope } from './analysis.ts';
import type { Card } from './card.ts';
import { formatValue } from './format.ts';
import { analyses } from './index.ts';
import { runAnalysis } from './run-analysis.ts';

/** The digits of a sentence that are in no value of the card's tables, as they are printed there. */
const unfounded = ({ finding, tables }: Card, timezone: string): string => {
  const printed = tables.flatMap(({ columns, rows }) =>
    rows.flatMap((row) => columns.map(({ kind, name }) => formatValue(kind, row[name] ?? null, timezone))),
  );
  let rest = finding;
  // Longest first, and only whole: '2' must not be found inside of '12' or '2 kB' inside of '2 kB/s'.
  for (const text of printed.filter((each) => /\d/.test(each)).sort((a, b) => b.length - a.length))
    rest = rest.replaceAll(
      new RegExp(`(?<![\\w.,])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w%]|[.,]\\d)`, 'g'),
      '',
    );
  return rest.replace(/\D/g, '');
};

describe('over planted traffic', () => {
  let store: Awaited<ReturnType<typeof plantStore>>;
  let empty: Awaited<ReturnType<typeof plantStore>>;
  beforeAll(async () => {
    store = await plantStore(plantTraffic(7));
    empty = await plantStore([]);
  });
  afterAll(async () => {
    await store.close();
    await empty.close();
  });

  const scopes: readonly Scope[] = [
    { service: 'whatsapp', timezone: 'UTC' },
    { timezone: 'Europe/Vienna' },
    { service: 'telegram', timezone: 'UTC' },
    { service: 'whatsapp', from: 0, until: 1, timezone: 'UTC' },
  ];
  const everyCard = async (): Promise<readonly { readonly card: Card; readonly timezone: string }[]> => {
    const cards = [];
    for (const scope of scopes)
      for (const { query } of [store, empty])
        for (const analysis of analyses)
          for (const card of await runAnalysis(analysis, query, scope)) cards.push({ card, timezone: scope.timezone });
    return cards;
  };

  test('every number of a finding stands in a table of its card, printed alike', async () => {
    const cards = await everyCard();
    expect(cards.length).toBeGreaterThan(40);
    expect(unfounded({ ...cards[0]!.card, finding: 'One of 123456789 flows.' }, 'UTC')).toBe('123456789');
    for (const { card, timezone } of cards)
      expect({ finding: card.finding, unfounded: unfounded(card, timezone) }).toEqual({
        finding: card.finding,
        unfounded: '',
      });
  });

  test('a card is never blank: without data it says why, and what to do', async () => {
    for (const { card } of await everyCard()) {
      expect(card.finding).toMatch(/^.{20,}\.$/);
      expect(card.finding).not.toMatch(/undefined|null|NaN/);
      expect(card.hint === undefined).toBe(card.n > 0);
    }
  });

  test('every row fills its columns with values of their kind, and no others', async () => {
    for (const { card } of await everyCard())
      for (const { columns, rows } of card.tables)
        for (const row of rows) {
          expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
          for (const { name, kind } of columns)
            if (row[name] !== null) expect(typeof row[name], name).toBe(kind === 'text' ? 'string' : 'number');
        }
  });

  test('cards are plain data: they survive JSON', async () => {
    for (const { card } of await everyCard()) expect(JSON.parse(JSON.stringify(card))).toEqual(card);
  });
});

test('names are unique, and each analysis stands in the folder of its name', () => {
  expect(new Set(analyses.map(({ name }) => name)).size).toBe(analyses.length);
  for (const { name, folder, recipes } of analyses) {
    expect(folder.pathname).toMatch(new RegExp(`/${name}/$`));
    expect(new Set(recipes.map(({ id }) => id)).size).toBe(recipes.length);
  }
});

test('every query beside an analysis is used, and every card and option is in its page', async () => {
  for (const { folder, recipes, options } of analyses) {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql'));
    expect(files.sort()).toEqual(
      [...new Set(recipes.flatMap(({ queries }) => queries))].map((name) => `${name}.sql`).sort(),
    );
    const page = await readFile(new URL('page.md', folder), 'utf8');
    for (const { id } of recipes) expect(page).toContain(`\n## ${id}\n`);
    for (const { name, initial } of options) expect(page).toContain(`--${name.replaceAll('_', '-')} ${initial}`);
  }
});
