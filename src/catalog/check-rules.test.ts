import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Catalog } from './catalog.ts';
import { checkRules } from './check-rules.ts';
import { faults } from './finding.ts';
import { loadRuleFiles } from './load-rule-files.ts';
import { parseRuleFile } from './parse-rule-file.ts';

const now = Date.UTC(2020, 0, 1) * 1000;

/** Files by the id of their service, with rules as flow maps, one a line from line 4; of class c. */
const found = (files: Readonly<Record<string, readonly string[]>>): string[] => {
  const parsed = Object.entries(files).map(([service, rules]) => {
    const lines = rules.map((rule) => `  - {class: c, source: s, ${rule}}`);
    return parseRuleFile(
      `${service}.yaml`,
      [`service: ${service}`, 'title: T', 'sources: {s: S}', 'rules:', ...lines].join('\n'),
    );
  });
  return checkRules(new Catalog(parsed), now)
    .filter(({ kind }) => kind !== 'untested')
    .map(({ kind, rule, claim, other, witness }) => [kind, rule.rule, claim, other?.rule ?? '-', witness].join(' | '));
};

describe('two services of equal strength', () => {
  test('of the same exact name, or the same suffix', () => {
    expect(found({ a: ['exact: x.w.net', 'suffix: w.org'], b: ['exact: x.w.net', 'suffix: w.org'] })).toEqual([
      'conflict | b.yaml:5 | x.w.net | a.yaml:5 | x.w.net',
      'conflict | b.yaml:6 | w.org | a.yaml:6 | w.org',
    ]);
  });

  test('of globs, with a name that both accept, wherever their stars are', () => {
    expect(found({ a: ['glob: "mm*a.w.net"'], b: ['glob: "m*ba.w.net"'] })).toEqual([
      'conflict | b.yaml:5 | m*ba.w.net | a.yaml:5 | mmba.w.net',
    ]);
    expect(found({ a: ['glob: "*.b.net"'], b: ['glob: "a.*.net"'] })).toEqual([
      'conflict | b.yaml:5 | a.*.net | a.yaml:5 | a.b.net',
    ]);
    expect(found({ a: ['glob: "a.*.net"'], b: ['glob: "*.b.net"'] })).toEqual([
      'conflict | b.yaml:5 | *.b.net | a.yaml:5 | a.b.net',
    ]);
    expect(found({ a: ['glob: "ma*.w.net"'], b: ['glob: "mb*.w.net"'] })).toEqual([]);
  });

  test('of regular expressions, as far as their examples show it', () => {
    const b = 'regex: "e[13]\\\\.w\\\\.net"';
    expect(found({ a: ['regex: "e\\\\d\\\\.w\\\\.net", examples: e1.w.net'], b: [b] })).toEqual([
      'conflict | b.yaml:5 | e[13]\\.w\\.net | a.yaml:5 | e1.w.net',
    ]);
    expect(found({ a: ['regex: "e\\\\d\\\\.w\\\\.net", examples: e2.w.net'], b: [b] })).toEqual([]);
  });

  test('are none where a priority, a date, a port or a protocol keeps them apart', () => {
    expect(found({ a: ['exact: x.w.net, priority: 1'], b: ['exact: y.w.net'] })).toEqual([]);
    expect(
      found({ a: ['exact: x.w.net, valid_until: 2014-01-01'], b: ['exact: x.w.net, valid_from: 2014-01-01'] }),
    ).toEqual(['expired | a.yaml:5 |  | - | 2014-01-01']);
    expect(found({ a: ['exact: x.w.net, ports: 443'], b: ['exact: x.w.net, ports: 5222'] })).toEqual([]);
    expect(found({ a: ['exact: x.w.net, protocol: tcp'], b: ['exact: x.w.net, protocol: udp'] })).toEqual([]);
  });

  test('of payloads and of ports in the same network', () => {
    const payload = 'payload: 57 41 01 05';
    const port = 'ports: [80, 443], protocol: tcp, asn: [1, 2]';
    expect(found({ a: [payload, port], b: [payload, 'ports: 443, protocol: tcp, asn: [2, 3]'] })).toEqual([
      'conflict | b.yaml:5 | 57 41 01 05 | a.yaml:5 | 57 41 01 05',
      'conflict | b.yaml:6 | tcp 443 | a.yaml:6 | tcp 443',
    ]);
    expect(found({ a: [port], b: ['ports: 443, protocol: tcp, asn: 3'] })).toEqual([]);
  });
});

describe('a rule that another one leaves nothing', () => {
  test('within a service: the same again, or under a higher priority', () => {
    expect(
      found({
        a: ['suffix: w.net, priority: 1', 'exact: x.w.net', 'glob: "m*.w.net"', 'suffix: v.net', 'suffix: v.net'],
      }),
    ).toEqual([
      'shadowed | a.yaml:6 | x.w.net | a.yaml:5 | w.net',
      'shadowed | a.yaml:7 | m*.w.net | a.yaml:5 | w.net',
      'shadowed | a.yaml:9 | v.net | a.yaml:8 | v.net',
    ]);
  });

  test('of another service, by priority', () => {
    expect(
      found({ a: ['glob: "m*.w.net", priority: 1'], b: ['exact: m1.w.net', 'glob: "mm*.w.net"', 'suffix: m1.w.net'] }),
    ).toEqual([
      'shadowed | b.yaml:5 | m1.w.net | a.yaml:5 | m*.w.net',
      'shadowed | b.yaml:6 | mm*.w.net | a.yaml:5 | m*.w.net',
    ]);
  });

  test('is none while it holds at times, or on ports, of its own', () => {
    expect(found({ a: ['suffix: w.net, priority: 1, ports: 443', 'exact: x.w.net'] })).toEqual([]);
    expect(found({ a: ['suffix: w.net, priority: 1, valid_from: 2014-01-01', 'exact: x.w.net'] })).toEqual([]);
    expect(found({ a: ['suffix: w.net', 'exact: x.w.net'] })).toEqual([]);
  });

  test('of payload, under fewer bytes of a higher priority', () => {
    expect(
      found({
        a: [
          'payload: 57 41 01 05, priority: 1',
          'payload: 57 41 01 05 09',
          'payload: stun 4000',
          'payload: stun, priority: 2',
        ],
      }),
    ).toEqual([
      'shadowed | a.yaml:6 | 57 41 01 05 09 | a.yaml:5 | 57 41 01 05',
      'shadowed | a.yaml:7 | stun 4000 | a.yaml:8 | stun',
    ]);
  });
});

test('an example that a stronger rule wins is told, whatever the patterns', () => {
  expect(found({ a: ['regex: "e\\\\d\\\\.w\\\\.net", examples: e1.w.net'], b: ['glob: "e*.w.net"'] })).toEqual([
    'lost | a.yaml:5 | e1.w.net | b.yaml:5 | e*.w.net',
  ]);
});

test('thousands of rules are looked at in a moment', () => {
  const rules = Array.from({ length: 2000 }, (_, i) => `suffix: "s${i}.example", examples: [x.s${i}.example]`);
  expect(found({ a: rules, b: ['suffix: s77.example'] })).toEqual([
    'conflict | b.yaml:5 | s77.example | a.yaml:82 | s77.example',
  ]);
});

test('of the rules that come with Sonde none is at fault', () => {
  const files = loadRuleFiles([fileURLToPath(new URL('../../services/', import.meta.url))]);
  expect(checkRules(new Catalog(files), now).filter(({ kind }) => faults.has(kind))).toEqual([]);
});
