/** What a person does with a store, by the commands that he types: its history, its earlier states. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';

let box: Sandbox;

/** A capture of its own for each name. */
const plant = (name: string, seed: number): string => {
  const path = join(box.folder, name);
  writePcap(path, plantedWhatsApp({ seed, clients: 3, hours: 1 }).frames);
  return path;
};

const widestOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

beforeAll(async () => {
  box = makeSandbox();
  await box.run(['import', plant('first.pcap', 1)]);
  await box.run(['import', plant('second.pcap', 2)]);
});
afterAll(() => box.remove());

describe('snapshots', () => {
  const count = async (...args: readonly string[]): Promise<number> => {
    const { out } = await box.run(['query', 'SELECT count(*) AS n FROM flows', '--format', 'json', ...args]);
    return JSON.parse(out)[0].n;
  };

  test('the history names them, by the captures that made them', async () => {
    const { out } = await box.run(['db', 'history', '--format', 'json']);
    const history = JSON.parse(out);
    expect(
      history.map(({ snapshot, operation, name }: Record<string, unknown>) => [snapshot, operation, name]),
    ).toEqual([
      [0, 'import', 'first.pcap'],
      [1, 'import', 'second.pcap'],
    ]);
    const table = await box.run(['db', 'history']);
    expect(table.out).toMatch(/^ +1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}import second\.pcap +\+[\d,]+ +\+[\d.]+ kB$/m);
    expect(widestOf(table.out)).toBeLessThanOrEqual(80);
  });

  test('a query sees the store as it was at one of them', async () => {
    const [first, both] = [await count('--snapshot', '0'), await count()];
    expect(first).toBeGreaterThan(0);
    expect(both).toBeGreaterThan(first);
    expect(await count('--snapshot', '1')).toBe(both);
  });

  test.each([
    ['2', 1, /snapshot 2: the last snapshot that can be read is 1 \(SONDE_NOT_FOUND\)\n.*sonde db history/],
    ['-1', 2, /a whole number/],
    ['yesterday', 2, /a whole number/],
  ])('--snapshot %s exits with %i', async (snapshot, code, message) => {
    const outcome = await box.sonde(['query', 'SELECT 1', '--snapshot', snapshot]);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
    expect(outcome.err).toMatch(message);
  });
});
