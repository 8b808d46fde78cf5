import { describe, expect, test } from 'vitest';
import { Catalog, firstHolding } from './catalog.ts';
import { parseRuleFile } from './parse-rule-file.ts';

/** A catalog of one file whose rules are written as flow maps, one a line from line 4. */
const catalogOf = (...rules: string[]): Catalog =>
  new Catalog([parseRuleFile('t.yaml', ['service: t\ntitle: T\nsources: {s: S}\nrules:', ...rules].join('\n'))]);
const rule = (classAndMore: string): string => `  - {source: s, class: ${classAndMore}}`;
const at = (date: string): number => Date.parse(date) * 1000;
const now = at('2020-01-01T00:00:00Z');

describe('which rule owns a name', () => {
  const winner = (catalog: Catalog, name: string): string | undefined => catalog.match(name, now)?.class;

  test('nobody owns what no pattern matches', () => {
    const catalog = catalogOf(rule('chat, suffix: whatsapp.net'));
    expect(catalog.match('evilwhatsapp.net', now)).toBeUndefined();
    expect(catalog.match('whatsapp.net.evil.example', now)).toBeUndefined();
    expect(catalog.match('', now)).toBeUndefined();
    expect(catalog.match('net', now)).toBeUndefined();
  });

  test('more labels win over fewer, whatever the kind', () => {
    const catalog = catalogOf(
      rule('other, suffix: w.net'),
      rule('media, suffix: cdn.w.net'),
      rule('chat, regex: "e\\\\d\\\\.w\\\\.net"'),
    );
    expect(winner(catalog, 'x.w.net')).toBe('other');
    expect(winner(catalog, 'x.cdn.w.net')).toBe('media');
    expect(winner(catalog, 'e1.w.net')).toBe('chat');
  });

  test('between as many labels exact wins over suffix, suffix over glob, glob over regex', () => {
    const rules = [
      rule('regex, regex: "a1\\\\.w\\\\.net"'),
      rule('glob, glob: "a*.w.net"'),
      rule('suffix, suffix: a1.w.net'),
      rule('exact, exact: a1.w.net'),
    ];
    expect(
      catalogOf(...rules)
        .matchesOf('a1.w.net')
        .map((rule) => rule.class),
    ).toEqual(['exact', 'suffix', 'glob', 'regex']);
  });

  test('between globs the one with more of the name written out wins', () => {
    const catalog = catalogOf(rule('any, glob: "*.w.net"'), rule('media, glob: "media-*.w.net"'));
    expect(winner(catalog, 'media-1.w.net')).toBe('media');
  });

  test('a higher priority wins over all of that', () => {
    const catalog = catalogOf(rule('exact, exact: a.w.net'), rule('suffix, suffix: w.net, priority: 1'));
    expect(winner(catalog, 'a.w.net')).toBe('suffix');
  });

  test('between equals the one written first wins, and files come in the order of their names', () => {
    const first = catalogOf(rule('a, exact: w.net'), rule('b, exact: w.net'));
    expect(winner(first, 'w.net')).toBe('a');
    const file = (name: string): ReturnType<typeof parseRuleFile> =>
      parseRuleFile(name, `service: ${name[0]}\ntitle: T\nsources: {s: S}\nrules:\n${rule('c, exact: w.net')}`);
    for (const files of [
      [file('b.yaml'), file('a.yaml')],
      [file('a.yaml'), file('b.yaml')],
    ]) {
      expect(new Catalog(files).match('w.net', now)?.rule).toBe('a.yaml:5');
    }
  });

  test('names are compared without case, without the final dot, and as A-labels', () => {
    const catalog = catalogOf(rule('chat, suffix: Bücher.example'));
    expect(winner(catalog, 'WWW.XN--BCHER-KVA.Example.')).toBe('chat');
    expect(winner(catalog, 'bücher.example')).toBe('chat');
  });

  test('a regular expression without a fixed end is tried on every name', () => {
    const catalog = catalogOf(rule('web, regex: "(?:.+\\\\.)?google\\\\.[a-z.]+"'));
    expect(winner(catalog, 'www.google.co.uk')).toBe('web');
    expect(winner(catalog, 'www.googol.co.uk')).toBeUndefined();
  });

  test('a rule tells service, file and line, source, note', () => {
    const catalog = catalogOf(rule('chat, suffix: w.net'), rule('web, suffix: w.com, note: N'));
    expect(catalog.match('w.com', now)).toEqual({
      payloads: [],
      asns: [],
      service: 't',
      class: 'web',
      rule: 't.yaml:6',
      patterns: [{ kind: 'suffix', text: 'w.com' }],
      ports: [],
      protocol: '',
      priority: 0,
      validFrom: -Infinity,
      validUntil: Infinity,
      source: 'S',
      note: 'N',
      examples: [],
    });
  });
});

describe('when and where a rule holds', () => {
  test('from the first microsecond of valid_from up to, not including, that of valid_until', () => {
    const catalog = catalogOf(rule('old, exact: w.net, valid_from: 2014-02-01, valid_until: 2015-01-01'));
    const from = at('2014-02-01T00:00:00Z');
    const until = at('2015-01-01T00:00:00Z');
    expect([from - 1, from, until - 1, until].map((time) => catalog.match('w.net', time)?.class)).toEqual([
      undefined,
      'old',
      'old',
      undefined,
    ]);
  });

  test('a less specific rule takes over when the better one does not hold', () => {
    const catalog = catalogOf(
      rule('other, suffix: w.net'),
      rule('chat, exact: e.w.net, valid_until: 2016-01-01, ports: [443, 5222]'),
    );
    expect(catalog.match('e.w.net', at('2014-01-01'), 5222)?.class).toBe('chat');
    expect(catalog.match('e.w.net', at('2014-01-01'), 80)?.class).toBe('other');
    expect(catalog.match('e.w.net', at('2016-01-01'), 5222)?.class).toBe('other');
  });

  test('a rule with ports or a protocol says nothing where they are not known', () => {
    const catalog = catalogOf(rule('voice, exact: w.net, ports: 3478, protocol: udp'));
    expect(catalog.match('w.net', now, 3478, 'udp')?.class).toBe('voice');
    expect(catalog.match('w.net', now, 3478, 'tcp')).toBeUndefined();
    expect(catalog.match('w.net', now, 3478)).toBeUndefined();
    expect(catalog.match('w.net', now)).toBeUndefined();
  });

  test('the rules that claim a name depend on the name alone: cached, they give what match gives', () => {
    const catalog = catalogOf(
      rule('old, exact: w.net, valid_until: 2015-01-01'),
      rule('new, suffix: w.net'),
      rule('tls, suffix: w.net, ports: 443, priority: 1'),
    );
    const claims = catalog.matchesOf('w.net');
    expect(claims.map((rule) => rule.class)).toEqual(['tls', 'old', 'new']);
    for (const time of [at('2014-01-01'), now]) {
      for (const port of [undefined, 80, 443]) {
        expect(firstHolding(claims, time, port)).toBe(catalog.match('w.net', time, port));
      }
    }
  });

  test('a rule that claims a name by two patterns is told once', () => {
    const catalog = catalogOf(rule('chat, exact: w.net, suffix: w.net, regex: "w\\\\.net"'));
    expect(catalog.matchesOf('w.net')).toHaveLength(1);
  });
});

describe('the version', () => {
  const text = `service: t\ntitle: T\nsources: {s: S}\nrules:\n${rule('c, exact: w.net')}`;
  const versionOf = (...files: [string, string][]): string =>
    new Catalog(files.map(([name, text]) => parseRuleFile(name, text))).version;

  test('is 12 hex digits and does not depend on the order of loading', () => {
    expect(versionOf(['a.yaml', text])).toMatch(/^[0-9a-f]{12}$/);
    expect(versionOf(['a.yaml', text], ['b.yaml', `${text} `])).toBe(
      versionOf(['b.yaml', `${text} `], ['a.yaml', text]),
    );
  });

  test('changes with every byte and every name', () => {
    const versions = [
      versionOf(['a.yaml', text]),
      versionOf(['a.yaml', `${text}\n`]),
      versionOf(['b.yaml', text]),
      versionOf(),
    ];
    expect(new Set(versions).size).toBe(4);
  });
});

describe('cost', () => {
  /** `n` rules of `n / 4` services under domains of their own, an exact, a suffix, a glob and a regex each. */
  const catalogOfSize = (n: number): Catalog =>
    catalogOf(
      ...Array.from({ length: n / 4 }, (_, i) => [
        rule(`chat, exact: "chat.service${i}.com"`),
        rule(`other, suffix: "service${i}.com"`),
        rule(`media, glob: "media-*.service${i}.com"`),
        rule(`video, regex: "v\\\\d+\\\\.service${i}\\\\.com"`),
      ]).flat(),
    );
  const names = Array.from({ length: 1000 }, (_, i) => [
    `chat.service${i % 12}.com`,
    `media-${i}.service${i % 12}.com`,
    `v${i}.service${i % 12}.com`,
    `www.host${i}.example.org`,
  ]).flat();
  const bestOf = (catalog: Catalog): number =>
    Math.min(
      ...Array.from({ length: 9 }, () => {
        const start = performance.now();
        for (const name of names) catalog.match(name, now, 443, 'tcp');
        return performance.now() - start;
      }),
    );

  test('a name costs no more among 5,000 rules than among 52', () => {
    const few = catalogOfSize(52);
    const many = catalogOfSize(5000);
    bestOf(few);
    bestOf(many);
    const ratio = bestOf(many) / bestOf(few);
    expect(ratio).toBeLessThan(2);
  });
});
