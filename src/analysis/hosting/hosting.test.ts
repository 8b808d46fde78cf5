import { expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../../test/planted-store.ts';
import { Random } from '../../kit/random.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../kit/time.ts';
import type { Scope } from '../analysis.ts';
import { runAnalysis } from '../run-analysis.ts';
import { hosting } from './hosting.ts';

const at = Date.UTC(2014, 1, 22, 18) * 1000;

const run = async (flows: readonly PlantedRow[], scope: Partial<Scope> = {}, options: Record<string, number> = {}) => {
  const rows = flows.map((flow) => ({ service: 'whatsapp', protocol: 'tcp', server_port: 443, ...flow }));
  const store = await plantStore([{ id: 'a', import: { first_at: at, last_at: at + 100 * SECOND }, flows: rows }]);
  const cards = await runAnalysis(hosting, store.query, { service: 'whatsapp', timezone: 'UTC', ...scope }, options);
  await store.close();
  return Object.fromEntries(cards.map((card) => [card.id, card]));
};

const server = (ip: string, net: string, columns: PlantedRow): PlantedRow => ({
  started_at: at,
  ended_at: at + SECOND,
  server_ip: ip,
  server_net: net,
  up_packets: 1,
  down_packets: 1,
  ...columns,
});
const softlayer = { server_asn: 36351, server_org: 'SoftLayer', server_country: 'US' };
const facebook = { server_asn: 32934, server_org: 'Facebook', server_country: 'IE', server_prefix: '2a03:2880::/32' };

const flows: readonly PlantedRow[] = [
  server('158.85.58.1', '158.85.58.0/24', {
    ...softlayer,
    server_prefix: '158.85.0.0/16',
    class: 'chat',
    up_bytes: 100,
    down_bytes: 500,
  }),
  server('158.85.58.2', '158.85.58.0/24', {
    ...softlayer,
    server_prefix: '158.85.0.0/16',
    class: 'image',
    up_bytes: 0,
    down_bytes: 100,
    server_country: 'NL',
  }),
  server('158.86.1.1', '158.86.1.0/24', {
    ...softlayer,
    server_prefix: '158.86.0.0/16',
    class: 'image',
    up_bytes: 0,
    down_bytes: 50,
  }),
  server('50.22.1.1', '50.22.1.0/24', {
    ...softlayer,
    server_prefix: '50.22.0.0/16',
    class: 'chat',
    up_bytes: 60,
    down_bytes: 0,
    down_packets: 0,
  }),
  server('2a03:2880:f210::1', '2a03:2880:f210::/48', { ...facebook, class: 'chat', up_bytes: 10, down_bytes: 100 }),
  server('2a03:2880:f210::2', '2a03:2880:f210::/48', { ...facebook, class: 'chat', up_bytes: 10, down_bytes: 50 }),
  server('10.0.0.9', '10.0.0.0/24', { class: '', up_bytes: 10, down_bytes: 10 }),
];

test('addresses and networks are counted over all servers and by autonomous system', async () => {
  const { 'hosting.networks': card } = await run(flows);
  expect(card).toMatchObject({
    finding:
      'Servers of whatsapp were seen at 7 addresses in 2 autonomous systems; AS36351 SoftLayer holds 4 of them and carries 81 % of the bytes.',
    n: 7,
    exclusions: [{ n: 1 }],
  });
  const [all, systems] = card!.tables;
  expect(all!.rows).toEqual([
    { systems: 2, addresses: 7, answering: 6, nets_24: 4, nets_16: 4, nets_8: 3, nets_48: 1, flows: 7, bytes: 1000 },
  ]);
  expect(systems!.rows).toEqual([
    {
      ...{ asn: 36351, org: 'SoftLayer', country: 'US', countries: 2, addresses: 4, answering: 3 },
      ...{ nets_24: 3, nets_16: 3, nets_8: 2, nets_48: 0, flows: 4, bytes: 810, byte_share: 0.81 },
    },
    {
      ...{ asn: 32934, org: 'Facebook', country: 'IE', countries: 1, addresses: 2, answering: 2 },
      ...{ nets_24: 0, nets_16: 0, nets_8: 0, nets_48: 1, flows: 2, bytes: 170, byte_share: 0.17 },
    },
    {
      ...{ asn: null, org: '', country: '', countries: 0, addresses: 1, answering: 1 },
      ...{ nets_24: 1, nets_16: 1, nets_8: 1, nets_48: 0, flows: 1, bytes: 20, byte_share: 0.02 },
    },
  ]);
});

test('classes have their own counts', async () => {
  const { 'hosting.classes': card } = await run(flows);
  expect(card!.finding).toBe(
    'The class of whatsapp with most servers is chat with 4 addresses in 2 autonomous systems.',
  );
  expect(card!.tables[0]!.rows).toEqual([
    { class: 'chat', addresses: 4, nets_24: 2, nets_48: 1, systems: 2, flows: 4, bytes: 830 },
    { class: 'image', addresses: 2, nets_24: 2, nets_48: 0, systems: 1, flows: 2, bytes: 150 },
    { class: 'no class', addresses: 1, nets_24: 1, nets_48: 0, systems: 0, flows: 1, bytes: 20 },
  ]);
});

test('a list that is cut tells what it leaves out', async () => {
  const { 'hosting.prefixes': prefixes, 'hosting.addresses': addresses } = await run(flows, {}, { top: 2 });
  expect(prefixes).toMatchObject({
    finding: 'Servers of whatsapp lie in 4 address blocks; 158.85.0.0/16 carries most, 70 % of the bytes.',
    n: 6,
    exclusions: [
      { reason: 'Left out (to servers in no block of the database)', n: 1 },
      { reason: 'Not listed (to servers in lighter blocks)', n: 2 },
    ],
  });
  expect(addresses).toMatchObject({
    finding: 'The heaviest of 7 servers of whatsapp is 158.85.58.1 (chat, tcp/443) with 600 B in 1 flow.',
    exclusions: [{ reason: 'Not listed (to lighter servers)', n: 5 }],
  });
  expect(addresses!.tables[1]!.rows[1]).toEqual({
    ...{ server_ip: '2a03:2880:f210::1', class: 'chat', port: 'tcp/443', asn: 32934, country: 'IE' },
    ...{ flows: 1, bytes: 110, byte_share: 0.11, first_at: at, last_at: at + SECOND },
  });
});

test('an address is active in every bin that a flow of it overlaps, and counts once', async () => {
  const chat = (ip: string, from: number, until: number): PlantedRow =>
    server(ip, '', { class: 'chat', started_at: at + from * SECOND, ended_at: at + until * SECOND });
  const { 'hosting.active': card } = await run([
    chat('192.0.2.1', 0, 3),
    chat('192.0.2.1', 1, 2),
    chat('192.0.2.1', 5, 5),
    chat('192.0.2.2', 3, 4),
    server('192.0.2.2', '', { class: 'image', started_at: at + 3 * SECOND, ended_at: at + 5 * SECOND }),
  ]);
  expect(card!.figure).toMatchObject({
    originUs: at,
    widthUs: SECOND,
    series: [
      { name: 'all classes', values: [1, 1, 1, 2, 1, 2] },
      { name: 'chat', values: [1, 1, 1, 2, 1, 1] },
      { name: 'image', values: [0, 0, 0, 1, 1, 1] },
    ],
  });
  expect(card!.finding).toBe(
    'Between 1 and 2 addresses of whatsapp are active at a time, in bins of 1 s; most at 2014-02-22 18:00:03 UTC.',
  );
});

test.each([
  { seed: 1, unit: SECOND, width: SECOND },
  { seed: 2, unit: SECOND, width: SECOND },
  { seed: 3, unit: MINUTE, width: 10 * SECOND },
  { seed: 4, unit: HOUR, width: HOUR },
  { seed: 5, unit: 12 * HOUR, width: 2 * HOUR },
  { seed: 6, unit: 2 * DAY, width: 6 * HOUR },
  { seed: 7, unit: 9 * DAY, width: DAY },
  { seed: 8, unit: 50 * DAY, width: 7 * DAY },
])(
  'active addresses equal the naive sets, whatever the overlaps and the range: seed $seed, bins of $width us',
  async ({ seed, unit, width }) => {
    const random = new Random(seed);
    const spans = Array.from({ length: 200 }, () => {
      const from = at + random.between(0, 90 * unit);
      return {
        class: random.pick(['chat', 'image']),
        server_ip: `192.0.2.${random.between(1, 12)}`,
        started_at: from,
        ended_at: from + Math.floor(random.exponential(5 * unit)),
      };
    });
    const range = { from: at + 20 * unit + 123, until: at + 70 * unit };
    const { 'hosting.active': card } = await run(spans, range);
    const figure = card!.figure as unknown as {
      originUs: number;
      widthUs: number;
      series: { name: string; values: (number | null)[] }[];
    };
    expect(figure.widthUs).toBe(width);
    for (const { name, values } of figure.series)
      values.forEach((value, bin) => {
        const from = Math.max(range.from, figure.originUs + bin * figure.widthUs);
        const until = Math.min(range.until, figure.originUs + (bin + 1) * figure.widthUs);
        const active = spans.filter(
          (span) => (name === 'all classes' || span.class === name) && span.started_at < until && span.ended_at >= from,
        );
        // Where nothing was measured, there is no value unless a flow reaches over.
        expect(value ?? 0, `${name} bin ${bin}`).toBe(new Set(active.map(({ server_ip }) => server_ip)).size);
      });
  },
);
