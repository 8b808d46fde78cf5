import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAddress } from '../packet/address.ts';
import { readOverlay } from './overlay.ts';

const header = 'prefix,asn,org,from,until';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-overlay-'));
});
afterAll(() => rm(folder, { recursive: true }));

const overlayOf = async (content: string) => {
  const file = join(folder, 'dated.csv');
  await writeFile(file, content);
  return readOverlay(file);
};
const orgs = async (content: string, address: string): Promise<string[]> =>
  (await overlayOf(content)).covering(parseAddress(address)!).map(({ org }) => org);

test('a line is an entry, with open ends where dates are empty', async () => {
  const overlay = await overlayOf(`${header},country\n173.192.0.0/15,AS36351,"SoftLayer, Inc.",2010-01-01,,US\n`);
  expect(overlay.covering(parseAddress('173.193.255.255')!)).toEqual([
    {
      prefix: '173.192.0.0/15',
      asn: 36351,
      org: 'SoftLayer, Inc.',
      country: 'US',
      from: Date.UTC(2010, 0) * 1000,
      until: Number.POSITIVE_INFINITY,
    },
  ]);
  expect(overlay.covering(parseAddress('173.194.0.0')!)).toEqual([]);
  expect(overlay.edition).toMatch(/^dated\.csv [0-9a-f]{12}$/);
});

test('the longest block comes first, then the latest from, then the latest line', async () => {
  const content = [
    header,
    '10.0.0.0/8,1,eight,,',
    '10.1.0.0/16,1,sixteen old,2010-01-01,',
    '10.1.0.0/16,1,sixteen new,2012-01-01,',
    '10.1.0.0/16,1,sixteen open,,2013-01-01',
    '10.1.2.3/32,1,host,,',
    '10.1.0.0/16,1,sixteen newer line,2012-01-01,',
    '0.0.0.0/0,1,all,,',
  ].join('\n');
  expect(await orgs(content, '10.1.2.3')).toEqual([
    'host',
    'sixteen newer line',
    'sixteen new',
    'sixteen old',
    'sixteen open',
    'eight',
    'all',
  ]);
  expect(await orgs(content, '10.2.0.0')).toEqual(['eight', 'all']);
  expect(await orgs(content, '2001:db8::1')).toEqual([]);
});

test('IPv6 blocks of any length', async () => {
  const content = `${header}\n2001:db8::/32,1,a,,\n2001:db8:0:8000::/49,1,b,,\n2001:db8::1/128,1,c,,\n`;
  expect(await orgs(content, '2001:db8::1')).toEqual(['c', 'a']);
  expect(await orgs(content, '2001:db8:0:ffff::')).toEqual(['b', 'a']);
  expect(await orgs(content, '2001:db9::')).toEqual([]);
});

test('a byte order mark, Windows line ends, blanks and empty lines do no harm', async () => {
  expect(await orgs(`\uFEFF${header}\r\n\r\n 192.0.2.0/24 , 1 , org , 2014-01-01 , \r\n`, '192.0.2.9')).toEqual([
    'org',
  ]);
});

test.each([
  [1, '', 'header'],
  [1, 'prefix,asn,org', 'header'],
  [1, 'asn,prefix,org,from,until', 'header'],
  [2, `${header}\n192.0.2.1/24,1,x,,`, "'192.0.2.1/24' is no address block"],
  [3, `${header}\n192.0.2.0/24,1,x,,\n192.0.2.0/33,1,x,,`, "'192.0.2.0/33' is no address block"],
  [2, `${header}\n192.0.2.0/24,0,x,,`, "'0' is no AS number"],
  [2, `${header}\n192.0.2.0/24,4294967296,x,,`, 'no AS number'],
  [2, `${header}\n192.0.2.0/24,,x,,`, "'' is no AS number"],
  [2, `${header}\n192.0.2.0/24,1,x,2014-02-30,`, "'2014-02-30' is no ISO date"],
  [2, `${header}\n192.0.2.0/24,1,x,,tomorrow`, "'tomorrow' is no ISO date"],
  [2, `${header}\n192.0.2.0/24,1,x,2014-01-01,2014-01-01`, 'ends before it begins'],
  [2, `${header}\n192.0.2.0/24,1,x,`, '4 fields, not 5'],
  [2, `${header}\n192.0.2.0/24,1,x,,,US`, '6 fields, not 5'],
  [2, `${header},country\n192.0.2.0/24,1,x,,,usa`, "'usa' is no country"],
  [4, `${header}\n\n\n192.0.2.0/24,1,"x,,`, 'quotes'],
])('line %i of %j is refused with its place', async (line, content, why) => {
  await expect(overlayOf(content)).rejects.toMatchObject({
    code: 'SONDE_DATABASE_INVALID',
    message: expect.stringContaining(why),
    fields: { file: join(folder, 'dated.csv'), line },
  });
});

test('a file that is not there is named', async () => {
  const file = join(folder, 'none.csv');
  await expect(readOverlay(file)).rejects.toMatchObject({ code: 'SONDE_DATABASE_INVALID', fields: { file } });
});

test('a pfx2as file is read as it is: the first of several origins, at any time, without a name', async () => {
  const overlay = await overlayOf('173.192.0.0\t15\t36351\n10.1.0.0\t16\t4808_9808\n2a03:2880::\t32\t32934,63293\n');
  expect(overlay.covering(parseAddress('173.193.0.1')!)).toEqual([
    {
      prefix: '173.192.0.0/15',
      asn: 36351,
      org: '',
      country: '',
      from: Number.NEGATIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
    },
  ]);
  expect(overlay.covering(parseAddress('10.1.2.3')!)[0]?.asn).toBe(4808);
  expect(overlay.covering(parseAddress('2a03:2880::1')!)[0]?.asn).toBe(32934);
  expect(overlay.ipv4BlocksAt(0).get(36351)).toHaveLength(1);
});

test.each([
  ['1.0.0.0\t24\t13335\n1.0.1.0,24,13335\n', 2, 'tabs between'],
  ['1.0.0.0\t24\t13335\n\n1.0.1.0\t33\t13335\n', 3, "'1.0.1.0/33' is no address block"],
  ['1.0.0.0\t24\t13335\n1.0.1.0\t24\t_\n', 2, 'is no AS number'],
])('a broken line of it is told: %j', async (content, line, message) => {
  await expect(overlayOf(content)).rejects.toMatchObject({
    code: 'SONDE_DATABASE_INVALID',
    fields: { line },
    message: expect.stringContaining(message),
  });
});
