import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../../test/planted-store.ts';
import { Random } from '../../kit/random.ts';
import { HOUR, SECOND } from '../../kit/time.ts';
import type { Card } from '../card.ts';
import { runAnalysis } from '../run-analysis.ts';
import { names } from './names.ts';

const begin = Date.UTC(2014, 1, 22, 16) * 1000;

interface Kind {
  readonly names: readonly string[];
  readonly service: string;
  readonly class: string;
  readonly flows: number;
  readonly port: number;
  readonly protocol?: string;
  readonly up: number;
  readonly down: number;
  readonly lastsS: number;
  readonly source: string;
}

const numbered = (count: number, nameOf: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => nameOf(i));

/** Three schemes: words with counters, points of presence, random marks; and names by themselves. */
const kinds: readonly Kind[] = [
  {
    names: numbered(12, (n) => `qe${n + 1}.chatter.example`),
    service: 'chatter',
    class: 'chat',
    flows: 240,
    port: 5222,
    up: 3_000,
    down: 4_000,
    lastsS: 900,
    source: 'dns',
  },
  {
    names: numbered(40, (n) => `qki${String(101 + 2 * n)}.chatter.example`),
    service: 'chatter',
    class: 'image',
    flows: 160,
    port: 443,
    up: 2_000,
    down: 70_000,
    lastsS: 8,
    source: 'sni',
  },
  {
    names: numbered(30, (n) => `qkv${String(801 + n)}.chatter.example`),
    service: 'chatter',
    class: 'video',
    flows: 90,
    port: 443,
    up: 1_600_000,
    down: 30_000,
    lastsS: 30,
    source: 'sni',
  },
  {
    names: ['register.chatter.example'],
    service: 'chatter',
    class: '',
    flows: 20,
    port: 443,
    up: 900,
    down: 1_500,
    lastsS: 1,
    source: 'sni',
  },
  {
    names: ['mxp1-1', 'mxp1-2', 'fra3-1', 'vie1-2', 'muc1-1', 'lhr8-1', 'cdg2-1'].map(
      (pop) => `media-${pop}.films.example`,
    ),
    service: '',
    class: '',
    flows: 70,
    port: 443,
    up: 20_000,
    down: 4_000_000,
    lastsS: 60,
    source: 'sni',
  },
  {
    names: ['4g5e6nez', 'hp57kn7e', 'n4v7snll', 'a5mekn6r'].map((mark) => `relay-${mark}.calls.example`),
    service: '',
    class: '',
    flows: 40,
    port: 3478,
    protocol: 'udp',
    up: 300_000,
    down: 300_000,
    lastsS: 120,
    source: 'dns',
  },
];

const flowsOf = (kind: Kind, random: Random): PlantedRow[] =>
  Array.from({ length: kind.flows }, (_, i) => {
    const startedAt = begin + random.between(0, HOUR);
    const net = `192.0.${kind.port % 200}.0/24`;
    return {
      reported_at: startedAt + kind.lastsS * SECOND,
      started_at: startedAt,
      ended_at: startedAt + kind.lastsS * SECOND,
      protocol: kind.protocol ?? 'tcp',
      server_port: kind.port,
      server_ip: `192.0.${kind.port % 200}.${i % 7}`,
      server_net: net,
      up_bytes: Math.round(random.logNormal(kind.up, 0.2)),
      down_bytes: Math.round(random.logNormal(kind.down, 0.2)),
      fqdn: kind.names[i % kind.names.length]!,
      fqdn_source: kind.source,
      service: kind.service,
      class: kind.class,
    };
  });

const rowsOf = (card: Card, title: string) => card.tables.find((table) => table.title === title)!.rows;

describe('over three planted schemes', () => {
  let store: Awaited<ReturnType<typeof plantStore>>;
  beforeAll(async () => {
    const random = new Random(20140222);
    const flows = kinds.flatMap((kind, i) => flowsOf(kind, random.fork(i)));
    const other = { reported_at: begin, started_at: begin, up_bytes: 1, down_bytes: 1 };
    const leftOut = [
      { ...other, protocol: 'udp', server_port: 53, fqdn: 'dns1.chatter.example', service: 'chatter' },
      { ...other, protocol: 'tcp', server_port: 443, fqdn: '', service: 'chatter' },
      { ...other, protocol: 'icmp', fqdn: 'ping1.chatter.example', service: 'chatter' },
    ];
    store = await plantStore([
      { id: 'day', import: { first_at: begin, last_at: begin + 2 * HOUR }, flows: [...flows, ...leftOut] },
    ]);
  });
  afterAll(() => store.close());

  const cardsOf = async (service?: string, options = {}) =>
    (await runAnalysis(names, store.query, { service, timezone: 'UTC' }, options)) as [Card, Card];

  test('the names of a service follow its templates, heaviest first', async () => {
    const [schemes] = await cardsOf('chatter');
    expect(schemes.finding).toBe(
      'The 83 names of chatter follow 4 templates; the heaviest, qkv{3 digits}.chatter.example, has 91.8 % of the bytes and looks like video.',
    );
    expect(schemes.n).toBe(510);
    expect(rowsOf(schemes, 'Templates').map((row) => [row.template, row.names, row.flows, row.class])).toEqual([
      ['qkv{3 digits}.chatter.example', 30, 90, 'video'],
      ['qki{3 digits}.chatter.example', 40, 160, 'media'],
      ['qe{1-2 digits}.chatter.example', 12, 240, 'chat'],
      ['register.chatter.example', 1, 20, 'control'],
    ]);
    expect(rowsOf(schemes, 'Counters and evidence').map((row) => Object.values(row))).toEqual([
      ['qkv{3 digits}.chatter.example', 801, 830, 0, 1, 0, 0],
      ['qki{3 digits}.chatter.example', 101, 179, 39, 1, 0, 0],
      ['qe{1-2 digits}.chatter.example', 1, 12, 0, 0, 0, 1],
      ['register.chatter.example', null, null, null, 1, 0, 0],
    ]);
  });

  test('sizes, ports, servers and the reason of the guess', async () => {
    const [schemes] = await cardsOf('chatter');
    const places = rowsOf(schemes, 'Where they go');
    expect(places[0]).toMatchObject({ ports: 'tcp 443', servers: 7, nets: 1, lingering_share: 0 });
    expect(places[2]).toMatchObject({ ports: 'tcp 5222', lingering_share: 1 });
    const [video, image, chat] = rowsOf(schemes, 'Sizes of their flows');
    for (const [found, planted] of [
      [video!.up_p50_bytes, 1_600_000],
      [image!.down_p50_bytes, 70_000],
      [chat!.down_p50_bytes, 4_000],
    ] as const)
      expect(Math.abs(Math.log(Number(found) / planted))).toBeLessThan(Math.log(1.6));
    expect(rowsOf(schemes, 'Why the guess').map((row) => [row.rule_classes, row.class, row.reason])).toEqual([
      ['video', 'video', '100 % of the flows carry 500 kB or more up'],
      ['image', 'media', '100 % of the flows carry 20 kB or more down'],
      ['chat', 'chat', '100 % of the flows go to ports of messaging'],
      ['', 'control', 'the word register; 100 % of the flows are short and carry under 20 kB each way'],
    ]);
  });

  test('names without an owner have a card of their own', async () => {
    for (const service of ['chatter', undefined]) {
      const [, unowned] = await cardsOf(service);
      expect(rowsOf(unowned, 'Templates').map(({ template, class: guess }) => [template, guess])).toEqual([
        ['media-{3 letters}{1 digit}-{1 digit}.films.example', 'media'],
        ['relay-{8 letters or digits}.calls.example', 'voice'],
      ]);
    }
    const [all] = await cardsOf();
    expect(rowsOf(all, 'Names and templates')).toEqual([
      { names: 94, templates: 6, with_blanks: 5, names_in_them: 93 },
    ]);
  });

  test('more support may be asked for, and fewer rows', async () => {
    const [schemes] = await cardsOf('chatter', { least: 13, top: 5 });
    const [video, image, ...others] = rowsOf(schemes, 'Templates').map(({ template }) => template);
    expect([video, image]).toEqual(['qkv{3 digits}.chatter.example', 'qki{3 digits}.chatter.example']);
    for (const name of others) expect(name).toMatch(/^qe\d+\.chatter\.example$/);
    expect(rowsOf(schemes, 'Names and templates')[0]).toMatchObject({ names: 83, templates: 15, with_blanks: 2 });
    expect(schemes.exclusions[0]).toEqual({ reason: 'Not listed (lighter templates)', n: 20 + 9 * 20 });
  });

  test('each template comes with a pattern for rules, and examples', async () => {
    const [schemes] = await cardsOf('chatter');
    expect(rowsOf(schemes, 'Rules that would claim them')[1]).toMatchObject({
      kind: 'regex',
      pattern: 'qki\\d{3}\\.chatter\\.example',
      examples: 'qki101.chatter.example qki141.chatter.example qki179.chatter.example',
    });
  });
});
