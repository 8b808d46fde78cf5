import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { type CountryResponse, Reader } from 'mmdb-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCsvLine } from '../kit/csv-line.ts';
import { Random } from '../kit/random.ts';
import { formatAddress, parseAddress } from '../packet/address.ts';
import { type AddressDatabase, openAddressDatabase } from './address-database.ts';
import { specialNets } from './special-nets.ts';

const require = createRequire(import.meta.url);
const installed = (name: string, file: string): string =>
  join(dirname(require.resolve(`@ip-location-db/${name}/package.json`)), file);

const seed = 20140222;

let folder: string;
let database: AddressDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-addresses-'));
  database = await openAddressDatabase({ cacheFolder: folder });
});
afterAll(() => rm(folder, { recursive: true }));

const toBytes = (address: bigint, bits: number): Uint8Array =>
  Buffer.from(address.toString(16).padStart(bits / 4, '0'), 'hex');
const toBigint = (bytes: readonly number[]): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** ipaddr.js takes too long over 800,000 dotted quads. */
const parseBigint = (text: string): bigint =>
  text.includes(':')
    ? toBigint(ipaddr.parse(text).toByteArray())
    : BigInt(text.split('.').reduce((word, octet) => 256 * word + Number(octet), 0));

interface Range {
  readonly first: bigint;
  readonly last: bigint;
  readonly asn: number;
  readonly org: string;
}

/** The ranges as the package tells them in address text, which is not the file that is compiled. */
const readRanges = async (file: string): Promise<Range[]> =>
  (await readFile(installed('asn', file), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [first, last, asn, org] = parseCsvLine(line)!;
      return {
        first: parseBigint(first!),
        last: parseBigint(last!),
        asn: Number(asn),
        org: org!,
      };
    });

/** Smallest prefix length whose block around the address stays within the range: tried one after the other. */
const blockOf = (address: bigint, first: bigint, last: bigint, bits: number): string => {
  for (let length = 0; ; length++) {
    const host = BigInt(bits - length);
    const start = (address >> host) << host;
    if (start >= first && start + (1n << host) - 1n <= last) return `${formatAddress(toBytes(start, bits))}/${length}`;
  }
};

describe.each([
  ['asn-ipv4.csv', 32],
  ['asn-ipv6.csv', 128],
] as const)(`against a scan of %s (seed ${seed})`, (file, bits) => {
  test('systems, organisations and prefixes at random addresses and at the edges of random ranges', async () => {
    const ranges = await readRanges(file);
    const random = new Random(seed);
    const top = (1n << BigInt(bits)) - 1n;
    const picked: bigint[] = [0n, top];
    for (let i = 0; i < 25; i++) {
      const { first, last } = random.pick(ranges);
      const inside = first + (toBigint([...random.bytes(16)]) % (last - first + 1n));
      const anywhere = toBigint([...random.bytes(bits / 8)]);
      picked.push(first - 1n, first, inside, last, last + 1n, anywhere);
    }
    for (const address of picked) {
      const bytes = toBytes(address, bits);
      const index = ranges.findLastIndex(({ first, last }) => first <= address && address <= last);
      const range = specialNets.contains(bytes) ? undefined : ranges[index];
      const next = ranges[index + 1]?.first ?? top + 1n;
      const { asn, org, prefix } = database.find(bytes, 0);
      expect({ address: formatAddress(bytes), asn, org, prefix }).toEqual({
        address: formatAddress(bytes),
        asn: range?.asn ?? Number.NaN,
        org: range?.org ?? '',
        // One pair of ranges in the data overlaps; there the later one cuts the earlier.
        prefix: range ? blockOf(address, range.first, range.last < next ? range.last : next - 1n, bits) : '',
      });
    }
  });

  test('countries equal those of mmdb-lib, on random addresses and where its networks end', async () => {
    const reader = new Reader<CountryResponse & { readonly country_code?: string }>(
      await readFile(installed('geo-whois-asn-country-mmdb', 'geo-whois-asn-country.mmdb')),
    );
    const random = new Random(seed + 1);
    let known = 0;
    const check = (address: bigint): void => {
      const bytes = toBytes(address, bits);
      const expected = specialNets.contains(bytes) ? '' : (reader.get(formatAddress(bytes))?.country_code ?? '');
      if (expected !== '') known++;
      expect(`${formatAddress(bytes)} ${database.find(bytes, 0).country}`).toBe(`${formatAddress(bytes)} ${expected}`);
    };
    for (let i = 0; i < 1500; i++) {
      const bytes = [...random.bytes(bits / 8)];
      // Most IPv6 addresses belong to nobody; 2a00::/12 is dense.
      if (bits === 128) bytes.splice(0, 2, 0x2a, bytes[1]! & 0x0f);
      const address = toBigint(bytes);
      check(address);
      const [, length] = reader.getWithPrefixLength(formatAddress(toBytes(address, bits)));
      const host = BigInt(bits - length);
      const start = (address >> host) << host;
      if (start > 0n) check(start - 1n);
      check(start);
      check(start + (1n << host) - 1n);
    }
    expect(known).toBeGreaterThan(500);
  });
});

test('the names of well-known networks', () => {
  const facts = (text: string) => database.find(parseAddress(text)!, 0);
  expect(facts('8.8.8.8')).toMatchObject({ asn: 15169, org: 'Google LLC', prefix: '8.8.8.0/24', country: 'US' });
  expect(facts('2a03:2880::1')).toMatchObject({ asn: 32934, org: 'Facebook, Inc.', prefix: '2a03:2880::/32' });
  expect(facts('::ffff:8.8.8.8')).toEqual(facts('8.8.8.8'));
});

test.each(['10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.0.1', '127.0.0.1', '224.0.0.1', '0.0.0.0'])(
  '%s is nobody’s',
  (text) => {
    expect(database.find(parseAddress(text)!, 0)).toMatchObject({ asn: Number.NaN, org: '', prefix: '', country: '' });
  },
);
test.each(['::', '::1', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1'])('%s is nobody’s', (text) => {
  expect(database.find(parseAddress(text)!, 0)).toMatchObject({ asn: Number.NaN, org: '', prefix: '', country: '' });
});

describe('a dated overlay', () => {
  const from = Date.UTC(2014, 0, 1) * 1000;
  const until = Date.UTC(2015, 0, 1) * 1000;
  const server = parseAddress('8.8.8.8')!;
  const withOverlay = async (...lines: string[]): Promise<AddressDatabase> => {
    const overlay = join(folder, 'dated.csv');
    await writeFile(overlay, lines.join('\n'));
    return openAddressDatabase({ overlay, cacheFolder: folder });
  };

  test('wins from the first microsecond of its time to the last, whatever its prefix length', async () => {
    const dated = await withOverlay('prefix,asn,org,from,until', '8.0.0.0/8,64496,Past,2014-01-01,2015-01-01');
    expect(dated.find(server, from - 1).asn).toBe(15169);
    expect(dated.find(server, from)).toMatchObject({ asn: 64496, org: 'Past', prefix: '8.0.0.0/8', country: 'US' });
    expect(dated.find(server, until - 1).asn).toBe(64496);
    expect(dated.find(server, until)).toMatchObject({ asn: 15169, prefix: '8.8.8.0/24' });
  });

  test('falls back on a shorter block while the longer one is not valid', async () => {
    const dated = await withOverlay(
      'prefix,asn,org,from,until,country',
      '8.8.0.0/16,1,long,2014-01-01,2015-01-01,AT',
      '8.0.0.0/8,2,short,,,',
    );
    expect(dated.find(server, from - 1)).toMatchObject({ asn: 2, country: 'US' });
    expect(dated.find(server, from)).toMatchObject({ asn: 1, country: 'AT' });
    expect(dated.find(server, until)).toMatchObject({ asn: 2, country: 'US' });
  });

  test('of entries that overlap in time, the one that began later holds', async () => {
    const dated = await withOverlay(
      'prefix,asn,org,from,until',
      '8.8.8.0/24,1,old,,',
      '8.8.8.0/24,2,new,2014-01-01,2015-01-01',
    );
    expect([from - 1, from, until - 1, until].map((at) => dated.find(server, at).asn)).toEqual([1, 2, 2, 1]);
  });

  test('names addresses of which the default says nothing', async () => {
    const dated = await withOverlay(
      'prefix,asn,org,from,until',
      '10.0.0.0/8,64512,Ours,,',
      '2001:db8::/32,64513,Doc,,',
    );
    expect(dated.find(parseAddress('10.1.2.3')!, 0)).toMatchObject({ asn: 64512, org: 'Ours', country: '' });
    expect(dated.find(parseAddress('2001:db8::1')!, 0).asn).toBe(64513);
    expect(dated.find(parseAddress('::ffff:10.1.2.3')!, 0).asn).toBe(64512);
  });

  test('changes the version, and the same data have the same', async () => {
    const line = '8.8.8.0/24,1,old,,';
    const first = await withOverlay('prefix,asn,org,from,until', line);
    const again = await withOverlay('prefix,asn,org,from,until', line);
    const other = await withOverlay('prefix,asn,org,from,until', line, line);
    expect(first.version).toBe(again.version);
    expect(new Set([database.version, first.version, other.version]).size).toBe(3);
    expect(database.version).toMatch(/^asn \d+\.\d+\.\d+, geo-whois-asn-country \d+\.\d+\.\d+ \([0-9a-f]{12}\)$/);
    expect(first.version).toContain('dated.csv');
  });
});

test('a routing table tells the system, and the default how it is called', async () => {
  const file = join(folder, 'routes.pfx2as');
  await writeFile(file, '203.0.113.0\t24\t32934\n198.51.100.0\t24\t4111222333\n');
  const routed = await openAddressDatabase({ overlay: file, cacheFolder: folder });
  const at = Date.UTC(2014, 1, 22) * 1000;
  const facebook = database.find(parseAddress('2a03:2880::1')!, at);
  expect(facebook.asn).toBe(32934);
  expect(facebook.org).not.toBe('');
  expect(routed.find(parseAddress('203.0.113.9')!, at)).toMatchObject({
    asn: 32934,
    org: facebook.org,
    prefix: '203.0.113.0/24',
  });
  expect(routed.find(parseAddress('198.51.100.9')!, at)).toMatchObject({ asn: 4111222333, org: '' });
});
