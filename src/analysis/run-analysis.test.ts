import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../test/planted-store.ts';
import { coverage, hosting, traffic } from './index.ts';
import { runAnalysis } from './run-analysis.ts';

const at = Date.UTC(2014, 1, 22, 18) * 1000;

const flow = (columns: PlantedRow): PlantedRow => ({
  protocol: 'tcp',
  server_port: 443,
  server_ip: '192.0.2.1',
  server_net: '192.0.2.0/24',
  service: "o'hara",
  up_bytes: 100,
  down_bytes: 200,
  end_reason: 'fin',
  ...columns,
});

let store: Awaited<ReturnType<typeof plantStore>>;
beforeAll(async () => {
  store = await plantStore([
    {
      id: 'one',
      import: { first_at: at, last_at: at + 10e6 },
      flows: [
        flow({ started_at: at, ended_at: at + 5e6, rules_version: 'a' }),
        flow({ started_at: at + 8e6, ended_at: at + 10e6, rules_version: 'b' }),
        flow({ started_at: at - 60e6, ended_at: at - 50e6, service: 'other' }),
      ],
    },
  ]);
});
afterAll(() => store.close());

test('without a range it is that of the service, both ends of its flows included', async () => {
  const [card] = await runAnalysis(traffic, store.query, { service: "o'hara", timezone: 'UTC' });
  expect(card).toMatchObject({
    n: 2,
    source:
      'Data from 2014-02-22T18:00:00.000000Z until before 2014-02-22T18:00:10.000001Z; labelled by 2 versions of the rules.',
  });
});

test('a range takes the flows that start in it, its end left out', async () => {
  const scope = { service: "o'hara", timezone: 'UTC' };
  const count = async (from: number, until: number) =>
    (await runAnalysis(traffic, store.query, { ...scope, from, until }))[0]!.n;
  expect(await count(at, at + 8e6)).toBe(1);
  expect(await count(at, at + 8e6 + 1)).toBe(2);
  expect(await count(at + 1, at + 8e6 + 1)).toBe(1);
});

test('a card tells the command and the queries that give it again', async () => {
  const scope = { service: "o'hara", timezone: 'Europe/Vienna', provenance: { snapshot: '7', rules: 'abc' } };
  const cards = await runAnalysis(hosting, store.query, scope, { top: 5 });
  const [card] = cards;
  expect(card!.reproduce.command).toBe(
    "sonde show hosting 'o'\\''hara' --from 2014-02-22T18:00:00.000000Z --until 2014-02-22T18:00:10.000001Z --tz Europe/Vienna --top 5",
  );
  expect(card!.source).toContain('; snapshot 7; rules abc; ');
  for (const { reproduce, n } of cards)
    for (const { text } of reproduce.sql) {
      expect(text).not.toMatch(/[{}]/);
      const { rows } = await store.query(text, {});
      if (n > 0) expect(rows.length).toBeGreaterThan(0);
    }
});

test('an unknown service is told so once, and what concerns all traffic is still shown', async () => {
  const cards = await runAnalysis(coverage, store.query, { service: 'nobody', timezone: 'UTC' });
  expect(cards.map(({ id, finding }) => `${id}: ${finding}`)).toEqual([
    'coverage.evidence: None of the 3 stored flows belongs to nobody.',
    'coverage.services: Rules own 100 % of all flows and 100 % of their bytes, out of 3 flows.',
    'coverage.unowned: Every name that was seen in the range belongs to a service, or no name was seen at all.',
  ]);
});

test('a range without flows tells the range of the data', async () => {
  const scope = { service: "o'hara", from: 0, until: 10, timezone: 'UTC' };
  const cards = await runAnalysis(traffic, store.query, scope);
  expect(cards.map(({ finding }) => finding)).toEqual([
    "No flow of o'hara starts inside the range; the data reach from 2014-02-22 18:00:00 UTC to 2014-02-22 18:00:10 UTC.",
  ]);
});

test('half a range may lie outside of the data', async () => {
  for (const side of [{ from: at + 3600e6 }, { until: at - 3600e6 }]) {
    const [card] = await runAnalysis(traffic, store.query, { service: "o'hara", timezone: 'UTC', ...side });
    expect(card!.n).toBe(0);
  }
});

test('an empty store says how to fill it', async () => {
  const empty = await plantStore([]);
  const [card, ...more] = await runAnalysis(coverage, empty.query, { timezone: 'UTC' });
  expect(card).toMatchObject({
    n: 0,
    finding: 'The store holds no flow yet.',
    hint: 'Import a capture: sonde import PATH',
  });
  expect(more).toEqual([]);
  await empty.close();
});

test('an option or a range that cannot be is a mistake of who asked', async () => {
  const scope = { timezone: 'UTC' };
  const code = { code: 'SONDE_USAGE' };
  await expect(runAnalysis(hosting, store.query, scope, { top: 0 })).rejects.toMatchObject(code);
  await expect(runAnalysis(hosting, store.query, scope, { top: 1.5 })).rejects.toMatchObject(code);
  await expect(runAnalysis(hosting, store.query, scope, { bottom: 1 })).rejects.toMatchObject(code);
  await expect(runAnalysis(hosting, store.query, { ...scope, from: 2, until: 2 })).rejects.toMatchObject(code);
});
