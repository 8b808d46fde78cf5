import { expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../../test/planted-store.ts';
import { Random } from '../../kit/random.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../kit/time.ts';
import type { Scope } from '../analysis.ts';
import { runAnalysis } from '../run-analysis.ts';
import { hosting } from './hosting.ts';

const at = Date.UTC(2014, 1, 22, 18) * 1000;

const run = async (
  flows: readonly PlantedRow[],
  scope: Partial<Scope> = {},
  options: Record<string, number> = {},
  importLasts = 100 * SECOND,
) => {
  const rows = flows.map((flow) => ({ service: 'whatsapp', protocol: 'tcp', server_port: 443, ...flow }));
  const store = await plantStore([{ id: 'a', import: { first_at: at, last_at: at + importLasts }, flows: rows }]);
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
    {
      systems: 2,
      addresses: 7,
      ipv4_addresses: 5,
      answering: 6,
      nets_24: 4,
      nets_16: 4,
      nets_8: 3,
      nets_48: 1,
      flows: 7,
      bytes: 1000,
    },
  ]);
  expect(systems!.rows).toEqual([
    {
      ...{ asn: 36351, org: 'SoftLayer', country: 'US', countries: 2, addresses: 4, ipv4_addresses: 4, answering: 3 },
      ...{ nets_24: 3, nets_16: 3, nets_8: 2, nets_48: 0, flows: 4, bytes: 810, byte_share: 0.81 },
    },
    {
      ...{ asn: 32934, org: 'Facebook', country: 'IE', countries: 1, addresses: 2, ipv4_addresses: 0, answering: 2 },
      ...{ nets_24: 0, nets_16: 0, nets_8: 0, nets_48: 1, flows: 2, bytes: 170, byte_share: 0.17 },
    },
    {
      ...{ asn: null, org: '', country: '', countries: 0, addresses: 1, ipv4_addresses: 1, answering: 1 },
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
    { class: 'chat', addresses: 4, nets_24: 2, nets_16: 2, nets_8: 2, nets_48: 1, systems: 2, flows: 4, bytes: 830 },
    { class: 'image', addresses: 2, nets_24: 2, nets_16: 2, nets_8: 1, nets_48: 0, systems: 1, flows: 2, bytes: 150 },
    { class: 'no class', addresses: 1, nets_24: 1, nets_16: 1, nets_8: 1, nets_48: 0, systems: 0, flows: 1, bytes: 20 },
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
    'Between 1 and 2 addresses of whatsapp are active at a time, in bins of 1 s; most at 2014-02-22 18:00:03 UTC. Always on: 0 addresses.',
  );
});

test.each([
  { seed: 1, unit: SECOND, width: SECOND },
  { seed: 2, unit: SECOND, width: SECOND },
  { seed: 3, unit: MINUTE, width: 5 * SECOND },
  { seed: 4, unit: HOUR, width: HOUR },
  { seed: 5, unit: DAY, width: 2 * HOUR },
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
    const { 'hosting.active': card } = await run(spans, range, {}, 100 * unit);
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
    const bins = figure.series[0]!.values.length;
    const grace = Math.min(DAY / width, bins / 4);
    for (const row of card!.tables[0]!.rows) {
      const activeBins = new Map<string, Set<number>>();
      for (const span of spans) {
        if (row.class !== 'all classes' && span.class !== row.class) continue;
        for (let bin = 0; bin < bins; bin++) {
          const from = Math.max(range.from, figure.originUs + bin * figure.widthUs);
          const until = Math.min(range.until, figure.originUs + (bin + 1) * figure.widthUs);
          if (span.started_at >= until || span.ended_at < from) continue;
          activeBins.set(span.server_ip, (activeBins.get(span.server_ip) ?? new Set()).add(bin));
        }
      }
      const sets = [...activeBins.values()];
      expect(row).toMatchObject({
        addresses: sets.length,
        // All but the first and the last bin, which were measured in part.
        always_on: sets.filter((set) => [...set].filter((bin) => bin > 0 && bin < bins - 1).length === bins - 2).length,
        born: sets.filter((set) => Math.min(...set) >= grace).length,
        gone: sets.filter((set) => Math.max(...set) + 1 <= bins - grace).length,
      });
    }
  },
);

test('bins beside a gap do not tell who is always on, and without a whole bin nobody is known to be', async () => {
  const chat = (from: number, until: number): PlantedRow =>
    server('192.0.2.1', '', { class: 'chat', started_at: at + from * SECOND, ended_at: at + until * SECOND });
  const store = await plantStore([
    { id: 'a', import: { first_at: at, last_at: at + 4 * SECOND }, flows: [chat(1, 3)] },
    { id: 'b', import: { first_at: at + 8 * SECOND, last_at: at + 12 * SECOND }, flows: [chat(9, 11)] },
  ]);
  const alwaysOn = async (from: number, until: number) => {
    const scope = { timezone: 'UTC', from: at + from * SECOND, until: at + until * SECOND };
    const cards = await runAnalysis(hosting, store.query, scope);
    return cards.find(({ id }) => id === 'hosting.active')!.tables[0]!.rows[0]!.always_on;
  };
  expect(await alwaysOn(0, 13)).toBe(1);
  expect(await alwaysOn(1, 3)).toBe(null);
  await store.close();
});

/** Servers in two places, at 106 and 114 ms, and a few anywhere: three handshakes each, the least of which is theirs. */
const plantServers = (random: Random): readonly PlantedRow[] =>
  Array.from({ length: 300 }, (_, i) => {
    const place = i % 10;
    const leastUs = place < 6 ? 106_000 : place < 9 ? 114_000 : random.between(20_000, 300_000);
    const own = { server_country: place < 6 ? 'US' : place < 9 ? 'NZ' : '', class: i % 2 === 0 ? 'chat' : 'image' };
    const floor = leastUs + random.between(0, 500);
    return [0, 1500, random.between(0, 40_000)].map((more) =>
      server(`198.51.${Math.floor(i / 200)}.${i % 200}`, '', { ...own, server_rtt_us: floor + more }),
    );
  }).flat();

test.each([1, 2])('steps of the least RTT are found where they were planted: seed %i', async (seed) => {
  const { 'hosting.rtt': card } = await run(plantServers(new Random(seed)));
  const steps = card!.tables[0]!.rows.filter((row) => row.class === 'all classes');
  expect(steps).toHaveLength(2);
  for (const [i, [leastUs, mass]] of (
    [
      [106_000, 0.6],
      [114_000, 0.3],
    ] as const
  ).entries()) {
    const step = steps[i] as Readonly<Record<string, number>>;
    expect(Math.abs(step.position_us! - leastUs - 250)).toBeLessThan(100);
    expect(step.position_low_us).toBeLessThanOrEqual(leastUs + 250);
    expect(step.position_high_us).toBeGreaterThanOrEqual(leastUs + 250);
    expect(step.width_us).toBeLessThanOrEqual(500);
    expect(Math.abs(step.mass! - mass)).toBeLessThan(0.02);
    expect(step.farthest_km).toBeCloseTo((step.position_us! * 299.792458) / 3e3, 3);
    expect(step.found).toBe(1);
  }
  expect(card!.finding).toMatch(
    /^The least RTTs of the servers of whatsapp gather at 106 ms \(6\d(\.\d)? %\) and 114 ms \(3\d(\.\d)? %\)\.$/,
  );
  expect(card).toMatchObject({ n: 300, figure: { kind: 'ecdf', axis: 'linear', unit: 'addresses' } });
});

test('a server with too few handshakes has no least RTT', async () => {
  const { 'hosting.rtt': card } = await run(plantServers(new Random(1)).slice(0, 7), {}, { least_flows: 3 });
  expect(card).toMatchObject({ n: 2, exclusions: [{ n: 1 }] });
});

test('a country that light cannot reach in time is refuted, if the place of the vantage is known', async () => {
  const vantageAt = { latitude: 48.2, longitude: 16.4 };
  const flows = [
    ...plantServers(new Random(1)),
    ...[1, 2, 3].map(() => server('203.0.113.1', '', { server_country: 'AT', server_rtt_us: 1000 })),
  ];
  const { 'hosting.distances': card } = await run(flows, { vantageAt });
  expect(card!.finding).toBe(
    'The speed of light refutes the country of 90 addresses of whatsapp, and leaves that of 181 addresses possible.',
  );
  expect(
    card!.tables[1]!.rows.map(({ country, verdict, addresses, refuted }) => [country, verdict, addresses, refuted]),
  ).toEqual([
    ['US', 'possible', 180, 0],
    ['NZ', 'refuted', 90, 90],
    ['', 'place not known', 30, null],
    ['AT', 'possible', 1, 0],
  ]);
  expect(card!.exclusions[0]).toMatchObject({ n: 30 });
  expect(card!.reproduce.command).toContain(' --vantage-at=48.2,16.4');
  const { 'hosting.distances': nowhere } = await run(flows);
  expect(nowhere).toMatchObject({ n: 0, hint: expect.stringContaining('--vantage-at') });
});

test('what the systems announce stands beside what was seen of it', async () => {
  const space = { addresses: 1_364_480, nets24: 5330, nets16: 106, nets8: 42 };
  const read = async (untilUs: number) => ({
    edition: `of ${untilUs}`,
    ofSystem: (asn: number) => (asn === 36351 ? space : undefined),
  });
  const { 'hosting.networks': card } = await run(flows, {
    until: at + SECOND,
    announced: { overlay: 'a b.csv', read },
  });
  expect(card!.tables[2]).toMatchObject({
    title: `IPv4 space announced by these systems (of ${at + SECOND - 1})`,
    rows: [
      {
        ...{ asn: 36351, announced: 1_364_480, announced_24: 5330, announced_16: 106, announced_8: 42 },
        ...{ ipv4_addresses: 4, seen_share: 4 / 1_364_480 },
      },
    ],
  });
  expect(card!.reproduce.command).toContain(" --as-database 'a b.csv'");
});
