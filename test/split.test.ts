/** Planted gateways through the whole pipeline: the analysis of hosting tells on which ports they answer for the servers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Card } from '../src/analysis/card.ts';
import { hosting } from '../src/analysis/hosting/hosting.ts';
import { runAnalysis } from '../src/analysis/run-analysis.ts';
import { openAddressDatabase } from '../src/enrich/address-database.ts';
import { farServers, farServersOverlay, type Gateway } from '../src/synth/far-servers.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { type PlantedRow, plantStore } from './planted-store.ts';
import { importRows } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-split-'));
afterAll(() => rmSync(folder, { recursive: true }));
const overlay = join(folder, 'networks.csv');
writeFileSync(overlay, farServersOverlay);
const addresses = await openAddressDatabase({ overlay });

const splitCard = async (seed: number, gateway?: Gateway): Promise<Card> => {
  const capture = join(folder, `${seed}.pcap`);
  writePcap(capture, farServers(seed, gateway));
  const { flows, summary } = await importRows([capture], { addresses });
  const store = await plantStore([
    { id: 'test', import: { first_at: summary.firstAt!, last_at: summary.lastAt! }, flows: flows as PlantedRow[] },
  ]);
  const cards = await runAnalysis(hosting, store.query, { timezone: 'UTC' });
  await store.close();
  return cards.find(({ id }) => id === 'hosting.split')!;
};

const verdicts = ({ tables }: Card): Record<string, unknown> =>
  Object.fromEntries(tables[0]!.rows.map(({ port, verdict }) => [port, verdict]));

describe.each([1, 2, 3])('seed %i', (seed) => {
  test('without a gateway the RTTs are those of the servers', async () => {
    const card = await splitCard(seed);
    expect(verdicts(card)).toEqual({ 'tcp/80': 'not split', 'tcp/443': 'not split' });
    expect(card.finding).toBe('Handshakes on tcp/80 and tcp/443 reach the servers.');
    expect(card.n).toBe(192);
  });

  test('a gateway for everything is found by RTTs that are alike and too small for the distances', async () => {
    const card = await splitCard(seed, { ports: [80, 443], rttUs: 2500 });
    expect(verdicts(card)).toEqual({ 'tcp/80': 'split', 'tcp/443': 'split' });
    expect(card.tables[0]!.rows[0]).toMatchObject({ networks: 24, systems: 12, alike: 1, pairs: 28, faster: 0 });
  });

  test('a proxy on port 80 alone is found there', async () => {
    const card = await splitCard(seed, { ports: [80], rttUs: 2500 });
    expect(verdicts(card)).toEqual({ 'tcp/80': 'split', 'tcp/443': 'not split' });
    expect(card.finding).toMatch(
      /^A gateway answers for the servers on tcp\/80 \(after [23](\.\d+)? ms\), so that RTTs say there how far the gateway is, not the servers; handshakes on tcp\/443 reach the servers\.$/,
    );
    expect(card.tables[0]!.rows.find(({ port }) => port === 'tcp/80')).toMatchObject({ compared: 24 });
  });

  test('a gateway as far as the servers may be cannot be told', async () => {
    // Half way round the world: no distance is too great for such RTTs.
    const card = await splitCard(seed, { ports: [80, 443], rttUs: 400_000 });
    expect(verdicts(card)).toEqual({ 'tcp/80': 'cannot tell', 'tcp/443': 'cannot tell' });
    expect(card.finding).toBe('Whether a gateway answers on tcp/80 and tcp/443 cannot be told.');
  });
});
