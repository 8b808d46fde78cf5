import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Catalog } from './catalog.ts';
import { loadRuleFiles } from './load-rule-files.ts';
import { acceptsName, compilePattern, type Pattern } from './pattern.ts';

const files = loadRuleFiles([fileURLToPath(new URL('../../services/', import.meta.url))]);
const catalog = new Catalog(files);
const year = (y: number): number => Date.UTC(y, 5, 1) * 1000;
const owner = (name: string, at: number): string => {
  const rule = catalog.match(name, at, 443, 'tcp');
  return rule === undefined ? '' : `${rule.service} ${rule.class}`;
};

describe('the services that come with Sonde', () => {
  test('are WhatsApp and three others', () => {
    expect(catalog.files.map(({ service }) => service)).toEqual(['facebook', 'instagram', 'signal', 'whatsapp']);
  });

  test.each(files.flatMap(({ rules }) => rules.map((rule) => [rule.rule, rule] as const)))(
    '%s: each pattern has an example, and each example is won by its rule',
    (_, rule) => {
      for (const { kind, text } of rule.patterns) {
        const pattern = compilePattern(kind, text) as Pattern;
        expect(rule.examples.filter((example) => acceptsName(pattern, example))).not.toEqual([]);
      }
      for (const example of rule.examples) expect(catalog.matchesOf(example)[0]).toBe(rule);
    },
  );
});

describe('names of WhatsApp seen in captures and lists', () => {
  const numbered = (from: number, to: number, name: (n: number) => string): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => name(from + i));

  test.each([
    [2014, 'c1.whatsapp.net', 'chat'],
    [2014, 'd7.whatsapp.net', 'chat'],
    [2014, 'mmi2.whatsapp.net', 'image'],
    [2014, 'mmi437.whatsapp.net', 'image'],
    [2014, 'mms123.whatsapp.net', 'audio'],
    [2014, 'mmv123.whatsapp.net', 'video'],
    [2014, 'mm2.whatsapp.net', 'media'],
    [2015, 'e7.whatsapp.net', 'chat'],
    [2015, 'e12.whatsapp.net', 'chat'],
    [2015, 'e13.whatsapp.net', 'chat'],
    [2018, 'mmg-fna.whatsapp.net', 'media'],
    [2019, 'g.whatsapp.net', 'chat'],
    [2019, 'chat.cdn.whatsapp.net', 'chat'],
    [2019, 'pps.whatsapp.net', 'image'],
    [2019, 'mmx-ds.cdn.whatsapp.net', 'media'],
    [2019, 'media-mxp1-1.cdn.whatsapp.net', 'media'],
    [2023, 'media.fmct2-1.fna.whatsapp.net', 'media'],
    [2023, 'web.whatsapp.com', 'web'],
    [2023, 'whatsapp.com', 'web'],
    [2023, 'wa.me', 'web'],
    [2023, 'v.whatsapp.net', 'control'],
    [2023, 'whatsapp.net', 'other'],
    ...numbered(1, 9, (n) => `w${n}.web.whatsapp.com`).map((name) => [2023, name, 'web'] as const),
    ...numbered(1, 16, (n) => `e${n}.whatsapp.net`).map((name) => [2020, name, 'chat'] as const),
  ] as const)('%i %s is %s', (when, name, expected) => {
    expect(owner(name, year(when))).toBe(`whatsapp ${expected}`);
  });

  test.each([
    'evilwhatsapp.net',
    'whatsapp.net.evil.example',
    'e13.whatsapp.net.evil.example',
    'e13-whatsapp.net',
    'xwhatsapp.com',
    'notwa.me',
    'whatsapp',
    'net',
    'wa-me.example',
    'e13.whatsapp.network',
  ])('%s is not WhatsApp', (name) => {
    expect(owner(name, year(2020))).toBe('');
  });

  test.each(['evil.whatsapp.net', 'e123.whatsapp.net', 'x.e13.whatsapp.net', 'mmix.whatsapp.net', 'g.x.whatsapp.net'])(
    '%s is WhatsApp, but of no known kind',
    (name) => {
      expect(owner(name, year(2020))).toBe('whatsapp other');
    },
  );
});

describe('names of the other services seen in captures', () => {
  test.each([
    ['photos-h.ak.instagram.com', 'instagram image'],
    ['igcdn-photos-h-a.akamaihd.net', 'instagram image'],
    ['fbcdn-photos-h-a.akamaihd.net', ''],
    ['telegraph-ash.instagram.com', 'instagram control'],
    ['i.instagram.com', 'instagram control'],
    ['scontent-mxp1-1.cdninstagram.com', 'instagram media'],
    ['star.c10r.facebook.com', 'facebook web'],
    ['www.facebook.com', 'facebook web'],
    ['s-static.ak.facebook.com', 'facebook web'],
    ['graph.facebook.com', 'facebook control'],
    ['textsecure-service.whispersystems.org', 'signal chat'],
    ['cdn.signal.org', 'signal media'],
    ['itunes.apple.com', ''],
    ['captive.apple.com', ''],
  ])('%s: %s', (name, expected) => {
    expect(owner(name, year(2019))).toBe(expected);
  });
});
