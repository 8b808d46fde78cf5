import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { findTemplates } from './find-templates.ts';
import { cutName } from './name-parts.ts';
import { describeTemplate, toRegex } from './template.ts';

const found = (names: readonly string[], least = 3) =>
  findTemplates(names, least).map(({ template, names, counter }) => [
    describeTemplate(template),
    names.length,
    ...(counter === undefined ? [] : [counter]),
  ]);

const numbered = (prefix: string, numbers: readonly number[], digits: number, suffix: string): string[] =>
  numbers.map((n) => `${prefix}${String(n).padStart(digits, '0')}${suffix}`);

test('counters become blanks, words stay', () => {
  expect(
    found([
      ...numbered('img', [1, 2, 7], 3, '.chatter.example'),
      ...numbered('vid', [11, 12, 13, 14], 3, '.chatter.example'),
      ...numbered('g', [1, 2, 16], 0, '.chatter.example'),
      'login.chatter.example',
    ]),
  ).toEqual([
    ['g{1-2 digits}.chatter.example', 3, { first: 1, last: 16, missing: 13 }],
    ['img{3 digits}.chatter.example', 3, { first: 1, last: 7, missing: 4 }],
    ['login.chatter.example', 1],
    ['vid{3 digits}.chatter.example', 4, { first: 11, last: 14, missing: 0 }],
  ]);
});

test('too few values are no counter', () => {
  expect(found(['n1.chatter.example', 'n2.chatter.example'])).toEqual([
    ['n1.chatter.example', 1],
    ['n2.chatter.example', 1],
  ]);
  expect(found(['n1.chatter.example', 'n2.chatter.example'], 2)).toEqual([
    ['n{1 digit}.chatter.example', 2, { first: 1, last: 2, missing: 0 }],
  ]);
});

test('six codes of one length are a blank, and the numbers beside them need two values only', () => {
  expect(
    found(['mxp1-1', 'fra3-1', 'vie1-2', 'muc1-1', 'lhr8-1', 'cdg2-1'].map((pop) => `edge-${pop}.cdn.video.example`)),
  ).toEqual([['edge-{3 letters}{1 digit}-{1 digit}.cdn.video.example', 6, { first: 1, last: 8, missing: 4 }]]);
});

test('words that tell a class are no codes, and neither are words that count for themselves', () => {
  const words = ['img', 'vid', 'api', 'www', 'cdn', 'dev', 'abc'].map((word) => `${word}.chatter.example`);
  expect(found(words)).toEqual(words.toSorted().map((name) => [name, 1]));
  const kinds = ['qqa', 'qqb', 'qqc', 'qqd', 'qqe', 'qqf'];
  expect(
    found(kinds.flatMap((kind) => numbered(kind, [1, 2, 3, 4], 2, '.chatter.example'))).map(([text]) => text),
  ).toEqual(kinds.map((kind) => `${kind}{2 digits}.chatter.example`));
});

test('random marks, also those that are letters alone by chance; regions; UUIDs', () => {
  expect(
    found(['4g5e6nez', 'hp57kn7e', 'n4v7snll', 'abcdefgh'].map((mark) => `r3---sn-${mark}.video.example`)),
  ).toEqual([['r3---sn-{8 letters or digits}.video.example', 4]]);
  expect(found(['00ff12ab34', '9e107d9d37', 'd41d8cd98f'].map((mark) => `${mark}.cdn.example.com`))).toEqual([
    ['{10 hex digits}.cdn.example.com', 3],
  ]);
  expect(found(['db.eu-west-2.cloud.example', 'db.ap-southeast-1.cloud.example'])).toEqual([
    ['db.{region}.cloud.example', 2],
  ]);
  expect(
    found(['6fa459ea-ee8a-3ca4-894e-db77e160355e.io.example', '16fd2706-8baf-433b-82eb-8c7fada847da.io.example']),
  ).toEqual([['{UUID}.io.example', 2]]);
});

test('an address in a name, and a hundred customers', () => {
  expect(found(['ec2-52-23-1-2', 'ec2-52-29-8-2', 'ec2-18-4-77-9'].map((host) => `${host}.cloud.example`))).toEqual([
    ['ec2-{2 digits}-{1-2 digits}-{1-2 digits}-{1 digit}.cloud.example', 3, { first: 4, last: 29, missing: 23 }],
  ]);
  const customers = Array.from({ length: 100 }, (_, i) =>
    String.fromCharCode(97 + (i % 26)).repeat(2 + Math.floor(i / 26)),
  );
  expect(found(customers.map((name) => `${name}.desk.example`))).toEqual([['{2-5 letters}.desk.example', 100]]);
});

test('registrable domains are never a blank, nor are addresses and names without one', () => {
  const names = [
    'a1.shop.co.uk',
    'a1.desk.co.uk',
    'a1.mail.co.uk',
    '192.0.2.1',
    '192.0.2.2',
    '192.0.2.3',
    'printer1',
    '',
  ];
  expect(found(names)).toEqual(names.toSorted().map((name) => [name, 1]));
});

test('encoded words are not cut', () => {
  expect(cutName('xn--bcher-kva1.shop.example').parts).toEqual([
    { kind: 'fixed', text: 'xn--bcher-kva1' },
    { kind: 'fixed', text: '.shop.example' },
  ]);
});

const seeds = Array.from({ length: 20 }, (_, i) => 20140222 + i);

/** Names of schemes, and whatever else an attacker writes into a server name. */
const anyNames = (random: Random): string[] => {
  const alphabet = random.pick(['ab1', 'abcdef0123456789', 'az09-._', 'a1\0\\.*+?^$()[]{}|"\u00e9\ud800 \n']);
  const word = (most: number): string =>
    Array.from({ length: random.between(0, most) }, () => random.pick([...alphabet])).join('');
  return Array.from({ length: 300 }, () =>
    random.chance(0.5)
      ? `${random.pick(['n', 'img', word(3)])}${random.between(0, 999)}${random.pick(['', '-x', '.e'])}.chatter.example`
      : `${word(random.pick([3, 60, 400]))}.${random.pick(['example.com', 'co.uk', word(4)])}`,
  );
};

test.each(seeds)(
  'each name belongs to one template, which matches it, in whatever order they come: seed %i',
  (seed) => {
    const random = new Random(seed);
    const names = anyNames(random);
    const schemes = findTemplates(names, random.between(2, 5));
    const owned = schemes.flatMap((scheme) => scheme.names);
    expect(owned.toSorted()).toEqual([...new Set(names)].sort());
    for (const { template, names } of schemes) {
      const regex = toRegex(template);
      for (const name of names) expect(name).toMatch(regex);
    }
    const texts = schemes.map(({ template }) => JSON.stringify(template));
    expect(new Set(texts).size).toBe(texts.length);
  },
);

test.each(seeds)('the order of the names does not matter: seed %i', (seed) => {
  const names = anyNames(new Random(seed));
  const shuffled = names.map((name, i) => [new Random(seed + i).word(), name] as const).sort(([a], [b]) => a - b);
  expect(
    findTemplates(
      shuffled.map(([, name]) => name),
      3,
    ),
  ).toEqual(findTemplates(names, 3));
});

test('names made to be slow are not: one of 60,000 characters, and 20,000 that share nothing', () => {
  const random = new Random(1);
  const long = [
    `${'a1'.repeat(30_000)}.example.com`,
    `${'a-'.repeat(30_000)}.example.com`,
    `${'a'.repeat(60_000)}-west.example.com`,
  ];
  const many = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 12 }, () => String.fromCharCode(97 + random.between(0, 25))).join(random.pick(['', '-', '.'])),
  );
  const start = process.cpuUsage();
  findTemplates([...long, ...many.map((name) => `${name}.example.com`)], 3);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(5);
});
