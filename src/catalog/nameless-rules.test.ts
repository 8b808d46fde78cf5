import { describe, expect, test } from 'vitest';
import { Catalog, firstHolding } from './catalog.ts';
import { parseRuleFile } from './parse-rule-file.ts';

const { nameless } = new Catalog([
  parseRuleFile(
    't.yaml',
    `service: t
title: T
sources: {s: S}
rules:
  - {source: s, class: name, suffix: t.example, ports: 5222, protocol: tcp}
  - {source: s, class: long, payload: 57 41 01 05 00}
  - {source: s, class: short, payload: 57 41 01 05, protocol: tcp, ports: [5222, 443]}
  - {source: s, class: call, payload: [stun 4000, stun 4001], protocol: udp}
  - {source: s, class: stun, payload: stun}
  - {source: s, class: preferred, payload: stun 4001, priority: 1}
  - {source: s, class: port, ports: [5222, 5223], protocol: tcp, asn: 32934}
  - {source: s, class: first, ports: 5223, protocol: tcp, asn: [32934, 1], priority: 1}
`,
  ),
]);

const ofPayload = (hex: string) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return nameless.ofPayload(bytes, 0, bytes.length);
};
const classes = (rules: readonly { readonly class: string }[]): string[] => rules.map((rule) => rule.class);

describe('the rules of a payload', () => {
  test('the one with more bytes comes first', () => {
    expect(classes(ofPayload('57 41 01 05 00 01'))).toEqual(['long', 'short']);
    expect(classes(ofPayload('57 41 01 05'))).toEqual(['short']);
    expect(classes(ofPayload('57 41 01 06'))).toEqual([]);
    expect(classes(ofPayload(''))).toEqual([]);
  });

  test('an attribute before any message, a priority before that, and no rule twice', () => {
    const message = (attributes: string, length: number): string =>
      `0003 00${length.toString(16).padStart(2, '0')} 2112a442 000000000000000000000000 ${attributes}`;
    expect(classes(ofPayload(message('', 0)))).toEqual(['stun']);
    expect(classes(ofPayload(message('4000 0000 4001 0000', 8)))).toEqual(['preferred', 'call', 'stun']);
  });

  test('hold as rules of names do: port and protocol must be those of the flow', () => {
    const rules = ofPayload('57 41 01 05');
    expect(firstHolding(rules, 0, 5222, 'tcp')?.class).toBe('short');
    expect(firstHolding(rules, 0, 80, 'tcp')).toBeUndefined();
    expect(firstHolding(rules, 0, 443, 'udp')).toBeUndefined();
  });
});

describe('the rules of a port', () => {
  test('are those without names and payload, by priority', () => {
    expect(classes(nameless.ofPort(5222))).toEqual(['port']);
    expect(classes(nameless.ofPort(5223))).toEqual(['first', 'port']);
    expect(classes(nameless.ofPort(443))).toEqual([]);
  });

  test('hold in their networks only', () => {
    const rules = nameless.ofPort(5223);
    expect(firstHolding(rules, 0, 5223, 'tcp', 1)?.class).toBe('first');
    expect(firstHolding(rules, 0, 5223, 'tcp', 2)).toBeUndefined();
    expect(firstHolding(rules, 0, 5223, 'tcp', Number.NaN)).toBeUndefined();
    expect(firstHolding(rules, 0, 5223, 'tcp')).toBeUndefined();
  });
});
