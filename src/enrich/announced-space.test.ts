import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAnnouncedSpaces } from './announced-space.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-announced-'));
});
afterAll(() => rm(folder, { recursive: true }));

const spacesOf = async (lines: readonly string[], at = Date.UTC(2014, 1, 22) * 1000) => {
  const overlay = join(folder, 'networks.csv');
  await writeFile(overlay, `prefix,asn,org,from,until\n${lines.join('\n')}\n`);
  return readAnnouncedSpaces({ overlay, at });
};

test('blocks within and beside each other count once, and so do the networks they share', async () => {
  const { ofSystem, edition } = await spacesOf([
    '192.0.2.0/24,64500,A,,',
    '192.0.2.128/25,64500,A,,',
    '192.0.3.0/25,64500,A,,',
    '192.0.3.128/26,64500,A,,',
    '198.50.0.0/15,64500,A,,',
    '2001:db8::/32,64500,A,,',
    '203.0.113.0/24,64501,B,,',
  ]);
  expect(ofSystem(64500)).toEqual({ addresses: 448 + 2 ** 17, nets24: 2 + 512, nets16: 3, nets8: 2 });
  expect(ofSystem(64501)).toEqual({ addresses: 256, nets24: 1, nets16: 1, nets8: 1 });
  expect(edition).toMatch(/^networks\.csv [0-9a-f]+, else asn /);
});

test('what is announced at another time does not count', async () => {
  const { ofSystem } = await spacesOf([
    '192.0.2.0/24,64500,A,2014-01-01,2014-02-22',
    '192.0.4.0/23,64500,A,2014-02-22,',
  ]);
  expect(ofSystem(64500)).toMatchObject({ addresses: 512 });
});

test('a system that only the default database has: all of 17.0.0.0/8 is of one', async () => {
  const { ofSystem } = await readAnnouncedSpaces({ at: 0 });
  const apple = ofSystem(714)!;
  expect(apple.nets8).toBeGreaterThan(0);
  expect(apple.addresses).toBeGreaterThan(2 ** 22);
  expect(apple.addresses).toBeLessThanOrEqual(apple.nets24 * 256);
  expect(apple.nets24).toBeLessThanOrEqual(apple.nets16 * 256);
  expect(ofSystem(4_200_000_001)).toBeUndefined();
});
