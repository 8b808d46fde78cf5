import { describe, expect, test } from 'vitest';
import { SondeError } from '../kit/errors.ts';
import { parseRuleFile } from './parse-rule-file.ts';

const complete = `# A rule file with everything in it.
service: chatter
title: Chatter
description: An example
sources:
  lab: Capture in the lab
  list: A public list
rules:
  - class: chat
    exact: Chat.Example
    suffix: [chatter.example, Bücher.example]
    glob: 'c*.chatter.net'
    regex: 'c\\d+\\.chatter\\.org'
    ports: [443, 5222]
    protocol: tcp
    priority: 5
    valid_from: 2014-02-22
    valid_until: 2015-01-01
    source: [lab, list]
    note: A note
    examples: [chat.example, x.chatter.example]
  - class: other
    suffix: chatter.net
    source: list
`;

/** What is told about a file, a problem a line; the fields of the error hold the place of the first. */
const problemsOf = (text: string): string[] => {
  try {
    parseRuleFile('c.yaml', text);
  } catch (error) {
    expect(error).toBeInstanceOf(SondeError);
    const { code, message, fields } = error as SondeError;
    expect(code).toBe('SONDE_RULES_INVALID');
    const { file, line, column } = fields;
    expect(message).toMatch(new RegExp(`^${file}:${line}:${column}: `));
    return message.split('\n');
  }
  return [];
};

describe('a rule file', () => {
  test('gives rules with the line on which each begins', () => {
    expect(parseRuleFile('c.yaml', complete)).toEqual({
      file: 'c.yaml',
      sha256: '8318831ee5bae6ac94188678ac4aeef2ee5fa54a44c7a26c1c5a13408861b5b8',
      service: 'chatter',
      title: 'Chatter',
      description: 'An example',
      rules: [
        {
          service: 'chatter',
          class: 'chat',
          rule: 'c.yaml:9',
          patterns: [
            { kind: 'exact', text: 'chat.example' },
            { kind: 'suffix', text: 'chatter.example' },
            { kind: 'suffix', text: 'xn--bcher-kva.example' },
            { kind: 'glob', text: 'c*.chatter.net' },
            { kind: 'regex', text: 'c\\d+\\.chatter\\.org' },
          ],
          payloads: [],
          ports: [443, 5222],
          protocol: 'tcp',
          asns: [],
          priority: 5,
          validFrom: Date.UTC(2014, 1, 22) * 1000,
          validUntil: Date.UTC(2015, 0, 1) * 1000,
          source: 'Capture in the lab; A public list',
          note: 'A note',
          examples: ['chat.example', 'x.chatter.example'],
        },
        {
          service: 'chatter',
          class: 'other',
          rule: 'c.yaml:22',
          patterns: [{ kind: 'suffix', text: 'chatter.net' }],
          payloads: [],
          ports: [],
          protocol: '',
          asns: [],
          priority: 0,
          validFrom: -Infinity,
          validUntil: Infinity,
          source: 'A public list',
          note: '',
          examples: [],
        },
      ],
    });
  });
});

test('a rule without a name is one of payload, or of port, protocol and network', () => {
  const [payload, port] = parseRuleFile(
    'c.yaml',
    complete.replace(
      '  - class: other\n    suffix: chatter.net\n',
      '  - {class: chat, payload: [57 41 01 05, stun 4000], ports: 5222, source: lab}\n' +
        '  - class: chat\n    protocol: tcp\n    ports: 5222\n    asn: [32934, 36351]\n',
    ),
  ).rules.slice(1);
  expect(payload).toMatchObject({
    rule: 'c.yaml:22',
    patterns: [],
    payloads: [
      { kind: 'bytes', text: '57 41 01 05', bytes: Uint8Array.of(0x57, 0x41, 1, 5) },
      { kind: 'stun', text: 'stun 4000', attribute: 0x4000 },
    ],
    ports: [5222],
    asns: [],
  });
  expect(port).toMatchObject({ patterns: [], payloads: [], protocol: 'tcp', ports: [5222], asns: [32934, 36351] });
});

describe('what is wrong is told with its place', () => {
  const change = (from: string, to: string): string => complete.replace(from, to);

  test.each([
    ['a key that is not known', change('ports:', 'port:'), 'c.yaml:14:5: Unrecognized key: "port"'],
    [
      'a pattern that is none',
      change('[chatter.example,', "[chatter.example, '*.x',"),
      'c.yaml:11:31: suffix *.x: a wildcard needs a glob',
    ],
    [
      'a lone pattern that is none',
      change('Chat.Example', 'chat example'),
      'c.yaml:10:12: exact chat example: not a host name',
    ],
    [
      'a regular expression that could run long',
      change("'c\\d+\\.chatter", "'(c+)+\\.chatter"),
      'c.yaml:13:12: regex (c+)+\\.chatter\\.org: a repeated group must not hold repetitions or alternatives',
    ],
    [
      'a rule without a pattern',
      change('    suffix: chatter.net\n', ''),
      'c.yaml:22:5: a rule needs a name (exact, suffix, glob, regex), a payload, or all of ports, protocol and asn',
    ],
    [
      'a port without its network',
      change('    suffix: chatter.net\n', '    ports: 5222\n    protocol: tcp\n'),
      'c.yaml:22:5: a rule needs a name (exact, suffix, glob, regex), a payload, or all of ports, protocol and asn',
    ],
    [
      'names and payload in one rule',
      change('    suffix: chatter.net\n', '    suffix: chatter.net\n    payload: stun\n'),
      'c.yaml:24:14: a rule is of names or of payload: write two, so that it can be told which one decided',
    ],
    [
      'a network with a name',
      change('    suffix: chatter.net\n', '    suffix: chatter.net\n    asn: 32934\n'),
      'c.yaml:24:10: asn goes with payload or ports, not with names',
    ],
    [
      'a payload of three bytes',
      change('suffix: chatter.net', 'payload: 57 41 01'),
      'c.yaml:23:14: payload 57 41 01: takes 4 to 32 bytes',
    ],
    [
      'an example that does not match',
      change('[chat.example, x', '[chat.example, evilchatter.example, x'),
      'c.yaml:21:30: no pattern of this rule matches evilchatter.example',
    ],
    [
      'an example that is no name',
      change('[chat.example, x.', '[chat.example, ., x.'),
      'c.yaml:21:30: . is not a host name',
    ],
    [
      'a source that is not listed',
      change('[lab, list]', '[lab, rumour]'),
      'c.yaml:19:19: rumour is not under sources',
    ],
    [
      'a source named like a property of every object',
      change('[lab, list]', 'constructor'),
      'c.yaml:19:13: constructor is not under sources',
    ],
    ['a date that does not exist', change('2014-02-22', '2014-02-30'), 'c.yaml:17:17: expected a date like 2014-02-22'],
    [
      'dates the wrong way round',
      change('2015-01-01', '2014-02-22'),
      'c.yaml:18:18: valid_until must be after valid_from: it is the first day on which the rule no longer holds',
    ],
    [
      'a class with a blank',
      change('class: other', 'class: Other things'),
      'c.yaml:22:12: expected a lower-case word: letters, digits and -',
    ],
    ['a key twice', change('priority: 5', 'note: twice'), 'c.yaml:20:5: Map keys must be unique'],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  test.each([
    ['a port out of range', change('5222', '70000'), /^c\.yaml:14:18: .*65535/],
    ['a missing class', change('class: other\n    ', ''), /^c\.yaml:22:5: .*expected string/],
    ['a missing source', change('    source: [lab, list]\n', ''), /^c\.yaml:9:5: .*expected string/],
    ['a missing title', change('title: Chatter\n', ''), /^c\.yaml:2:1: .*expected string/],
    ['no rules', complete.slice(0, complete.indexOf('  - class')), /^c\.yaml:8:\d+: .*expected array/],
    ['an empty file', '', /^c\.yaml:1:1: .*expected object/],
    ['a list', '- a\n', /^c\.yaml:1:1: .*expected object/],
    ['two documents', `${complete}---\n${complete}`, /^c\.yaml:\d+:1: .*multiple documents/],
    ['bad YAML', change('    ports: [443, 5222]', '    ports: [443, 5222'), /^c\.yaml:15:/],
    ['an alias to nowhere', change('note: A note', 'note: *nowhere'), /^c\.yaml:\d+:\d+: .*nowhere/],
    [
      'aliases that multiply',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)}, `.repeat(9)}]\n`)}`,
      /^c\.yaml:1:1: .*alias/,
    ],
    ['brackets without end', '['.repeat(100_000), /^c\.yaml:\d+:\d+: /],
    ['a file out of size', '#'.repeat(5 << 20), /^c\.yaml:1:1: longer than/],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)[0]).toMatch(expected);
  });

  test('all problems of a file are told, in the order of the file, up to ten', () => {
    expect(
      problemsOf(change('tcp', 'T').replace('priority: 5', 'priority: high').replace('Chatter\n', '\n')),
    ).toHaveLength(3);
    const many = problemsOf(
      `service: s\ntitle: T\nsources: {s: S}\nrules:\n${'  - {class: c, source: s, exact: "a b"}\n'.repeat(12)}`,
    );
    expect(many).toHaveLength(11);
    expect(many[0]).toBe('c.yaml:5:34: exact a b: not a host name');
    expect(many[10]).toBe('... and 2 more');
  });
});
