import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { Batch } from '../tickets/batch.ts';
import { flows } from '../tickets/index.ts';
import { type AddressDatabase, openAddressDatabase } from './address-database.ts';
import { enrichFlows } from './enrich-flows.ts';

const from = Date.UTC(2014, 0, 1) * 1000;
const until = Date.UTC(2015, 0, 1) * 1000;
let folder: string;
let database: AddressDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-enrich-'));
  const overlay = join(folder, 'dated.csv');
  await writeFile(overlay, 'prefix,asn,org,from,until\n8.8.0.0/16,64496,Past,2014-01-01,2015-01-01\n');
  database = await openAddressDatabase({ overlay, cacheFolder: folder });
});
afterAll(() => rm(folder, { recursive: true }));

const label = (
  enricher: ReturnType<typeof enrichFlows>,
  interner: Interner,
  servers: readonly (readonly [address: string, startedAt: number])[],
) => {
  const batch = new Batch(flows, interner, servers.length);
  for (const [address, startedAt] of servers) {
    const row = batch.begin();
    batch.columns.server_ip[row] = interner.code(address);
    batch.columns.started_at[row] = startedAt;
    batch.end();
  }
  enricher.label(batch);
  const { server_asn, server_org, server_prefix, server_country } = batch.columns;
  return servers.map((_, row) => [
    server_asn[row],
    ...[server_org, server_prefix, server_country].map((column) => interner.text(column[row]!)),
  ]);
};

const google = [15169, 'Google LLC', '8.8.8.0/24', 'US'];
const past = [64496, 'Past', '8.8.0.0/16', 'US'];
const nobody = [Number.NaN, '', '', ''];

test('each flow gets the facts of its own time, also where the address is known already', () => {
  expect(
    label(enrichFlows(database), new Interner(), [
      ['8.8.8.8', from - 1],
      ['8.8.8.8', from],
      ['10.0.0.1', from],
      ['8.8.8.8', until - 1],
      ['8.8.8.8', until],
      ['', from],
      ['not an address', from],
      ['8.8.8.8', Number.NaN],
    ]),
  ).toEqual([google, past, nobody, past, google, nobody, nobody, google]);
});

test('after a reset of the interner the codes are new', () => {
  const interner = new Interner();
  const enricher = enrichFlows(database);
  expect(label(enricher, interner, [['8.8.8.8', 0]])).toEqual([google]);
  interner.reset();
  enricher.reset();
  expect(
    label(enricher, interner, [
      ['10.0.0.1', 0],
      ['8.8.8.8', 0],
    ]),
  ).toEqual([nobody, google]);
});
