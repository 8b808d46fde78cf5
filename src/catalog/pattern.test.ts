import { describe, expect, test } from 'vitest';
import { acceptsName, compilePattern, type Pattern } from './pattern.ts';
import type { PatternKind } from './rule.ts';

describe('what a pattern accepts', () => {
  test.each<[PatternKind, string, string[], string[]]>([
    ['exact', 'g.whatsapp.net', ['g.whatsapp.net', 'G.WhatsApp.Net.'], ['x.g.whatsapp.net', 'whatsapp.net', '']],
    ['exact', 'WhatsApp.net.', ['whatsapp.net'], ['e1.whatsapp.net']],
    ['suffix', 'whatsapp.net', ['whatsapp.net', 'x.whatsapp.net', 'x.y.whatsapp.net'], ['evilwhatsapp.net', 'net']],
    ['suffix', 'bücher.example', ['xn--bcher-kva.example', 'www.Bücher.example'], ['bcher.example']],
    [
      'glob',
      'mmi*.whatsapp.net',
      ['mmi1.whatsapp.net', 'mmi.whatsapp.net', 'MMI437.whatsapp.net'],
      ['mmi1.x.whatsapp.net', 'xmmi1.whatsapp.net'],
    ],
    [
      'glob',
      'media.*.fna.whatsapp.net',
      ['media.fmct2-1.fna.whatsapp.net'],
      ['media.fna.whatsapp.net', 'media.a.b.fna.whatsapp.net'],
    ],
    ['glob', '*-edge-*.example.org', ['1-edge-chat.example.org'], ['edge.example.org']],
    ['glob', 'www.google.*', ['www.google.de', 'www.google.com'], ['www.google.co.uk', 'www.googlexde']],
    [
      'regex',
      '[cde]\\d{1,2}\\.whatsapp\\.net',
      ['c1.whatsapp.net', 'E16.whatsapp.net'],
      ['e123.whatsapp.net', 'f1.whatsapp.net'],
    ],
    ['regex', '(?:.+\\.)?google\\.[a-z.]+', ['google.de', 'www.google.co.uk'], ['notgoogle.de']],
  ])('%s %s', (kind, text, yes, no) => {
    const pattern = compilePattern(kind, text) as Pattern;
    for (const name of yes) expect([name, acceptsName(pattern, name)]).toEqual([name, true]);
    for (const name of no) expect([name, acceptsName(pattern, name)]).toEqual([name, false]);
  });
});

describe('how specific a pattern is, and where it hangs', () => {
  test.each([
    ['exact', 'g.whatsapp.net', 3, ['net', 'whatsapp', 'g']],
    ['suffix', 'whatsapp.net', 2, ['net', 'whatsapp']],
    ['glob', 'media.*.fna.whatsapp.net', 5, ['net', 'whatsapp', 'fna']],
    ['glob', 'www.google.*', 3, []],
    ['regex', '[cde]\\d\\.whatsapp\\.net', 3, ['net', 'whatsapp']],
  ] as const)('%s %s: %i labels, under %j', (kind, text, labels, tail) => {
    expect(compilePattern(kind, text)).toMatchObject({ labels, tail });
  });
});

describe('what is no pattern', () => {
  test.each([
    ['exact', '*.whatsapp.net', 'a wildcard needs a glob'],
    ['exact', 'whats app.net', 'not a host name'],
    ['suffix', '.whatsapp.net', 'not a host name'],
    ['suffix', `${'a'.repeat(64)}.net`, 'not a host name'],
    ['suffix', 'https://whatsapp.net/', 'not a host name'],
    ['glob', 'whatsapp.net', 'a glob without * is an exact name'],
    ['glob', '**.whatsapp.net', '** is not known: * stays within a label, and a suffix takes any number of labels'],
    ['glob', 'a*b*c*.net', 'a*b*c* is no label: letters, digits, - and _ (IDNA as xn--), at most two *'],
    ['glob', '*..net', 'an empty label is no label: letters, digits, - and _ (IDNA as xn--), at most two *'],
    ['regex', '(a+)+', 'a repeated group must not hold repetitions or alternatives'],
  ] as const)('%s %s', (kind, text, reason) => {
    expect(compilePattern(kind, text)).toBe(reason);
  });
});
