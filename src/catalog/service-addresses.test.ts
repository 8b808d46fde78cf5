import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../kit/time.ts';
import { Catalog } from './catalog.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import { ServiceAddresses } from './service-addresses.ts';

const fileOf = (service: string): string =>
  `service: ${service}\ntitle: T\nsources: {s: S}\nrules:\n  - {source: s, class: chat, exact: c.${service}.example}\n  - {source: s, class: media, suffix: ${service}.example}\n`;
const catalog = new Catalog(['a', 'b', 'c'].map((service) => parseRuleFile(`${service}.yaml`, fileOf(service))));
const [chatOfA, mediaOfA] = catalog.files[0]!.rules;
const [chatOfB] = catalog.files[1]!.rules;
const [chatOfC] = catalog.files[2]!.rules;
const T = Date.UTC(2014, 1, 22) * 1000;

const found = (addresses: ServiceAddresses, address: number, at: number) =>
  addresses.find(address, at)
    ? { rule: addresses.rule!.rule, confidence: Math.round(addresses.confidence * 1000) / 1000 }
    : undefined;

/** Learns the rules of an address one after the other, a second apart from T on. */
const learned = (...rules: (typeof chatOfA)[]): ServiceAddresses => {
  const addresses = new ServiceAddresses(catalog);
  for (const [i, rule] of rules.entries()) addresses.learn(7, rule, T + i * SECOND);
  return addresses;
};

test('two names of one service own an address, one does not', () => {
  expect(found(learned(chatOfA), 7, T)).toBeUndefined();
  expect(found(learned(chatOfA, chatOfA), 7, T)).toEqual({ rule: 'a.yaml:5', confidence: 0.75 });
  expect(found(learned(chatOfA, chatOfA), 8, T)).toBeUndefined();
});

test('the class is that of the last name', () => {
  expect(found(learned(chatOfA, mediaOfA), 7, T)?.rule).toBe('a.yaml:6');
  expect(found(learned(mediaOfA, chatOfA), 7, T)?.rule).toBe('a.yaml:5');
});

test('confidence grows with the names seen, (n + 1) / (n + 2), up to 64 of them', () => {
  const many = (n: number) => learned(...Array.from({ length: n }, () => chatOfA));
  const at = (n: number): number => T + (n - 1) * SECOND;
  expect(found(many(10), 7, at(10))!.confidence).toBeCloseTo(11 / 12, 2);
  expect(found(many(64), 7, at(64))!.confidence).toBeCloseTo(65 / 66, 2);
  expect(found(many(1000), 7, at(1000))!.confidence).toBeCloseTo(65 / 66, 2);
});

describe('an address that two shared', () => {
  test.each([
    ['another service', chatOfB],
    ['a name that no rule owns', undefined],
  ])('with %s is not used while both are recent: one name is forgotten after four hours', (_, other) => {
    const addresses = learned(chatOfA, chatOfA, other);
    const names = (until: number): void => {
      for (let at = T; at <= until; at += 10 * MINUTE) addresses.learn(7, chatOfA, at);
    };
    names(T + 3.9 * HOUR);
    expect(found(addresses, 7, T + 3.9 * HOUR)).toBeUndefined();
    names(T + 4.1 * HOUR);
    expect(found(addresses, 7, T + 4.1 * HOUR)?.rule).toBe('a.yaml:5');
  });

  test("is the newer one's when the older is forgotten", () => {
    const addresses = learned(chatOfA, chatOfA, chatOfA);
    addresses.learn(7, chatOfB, T + 6 * HOUR);
    addresses.learn(7, chatOfB, T + 6 * HOUR);
    expect(found(addresses, 7, T + 6 * HOUR)?.rule).toBe('b.yaml:5');
  });

  test('by three is not used either', () => {
    expect(found(learned(chatOfA, chatOfA, chatOfB, chatOfB, chatOfC, chatOfC), 7, T)).toBeUndefined();
  });

  test("by names of nobody alone is nobody's", () => {
    expect(found(learned(undefined, undefined, undefined), 7, T)).toBeUndefined();
  });
});

test('what was learned ages by packet time: two names do for 24 minutes, and 64 for five hours', () => {
  const two = learned(chatOfA, chatOfA);
  expect(found(two, 7, T + 24 * MINUTE)?.confidence).toBeCloseTo(0.718, 2);
  expect(found(two, 7, T + 26 * MINUTE)).toBeUndefined();
  const many = learned(...Array.from({ length: 200 }, () => chatOfA));
  expect(found(many, 7, T + 5 * HOUR)).toBeDefined();
  expect(found(many, 7, T + 6 * HOUR)).toBeUndefined();
});

test('a packet whose clock is behind neither ages nor renews', () => {
  const addresses = learned(chatOfA, chatOfA);
  addresses.learn(7, chatOfA, T - 10 * HOUR);
  expect(found(addresses, 7, T)?.confidence).toBe(0.8);
});

test('past 524,288 addresses the one of which nothing was learned for longest goes', () => {
  const addresses = new ServiceAddresses(catalog);
  for (let address = 0; address < 1 << 19; address++) addresses.learn(address, chatOfA, T);
  addresses.learn(0, chatOfA, T);
  addresses.learn(1 << 19, chatOfA, T);
  addresses.learn(1 << 19, chatOfA, T);
  expect(addresses.size).toBe(1 << 19);
  addresses.learn(1, chatOfA, T);
  expect(
    [found(addresses, 0, T), found(addresses, 1, T), found(addresses, 1 << 19, T)].map((it) => it !== undefined),
  ).toEqual([true, false, true]);
});

test('addresses that hold something are marked, the others given up', () => {
  const addresses = learned(chatOfA);
  addresses.learn(3, chatOfA, T + 3 * HOUR);
  const marks = new Uint8Array(10);
  addresses.markAddresses(marks, T + 5 * HOUR);
  expect([[...marks], addresses.size]).toEqual([[0, 0, 0, 1, 0, 0, 0, 0, 0, 0], 1]);
});

test('put aside and taken up it tells the same; other rules take nothing over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.constantFrom(undefined, chatOfA, mediaOfA, chatOfB, chatOfC), fc.nat(20))),
      (names) => {
        const addresses = new ServiceAddresses(catalog);
        for (const [address, rule, hours] of names) addresses.learn(address, rule, T + hours * HOUR);
        const state = structuredClone(addresses.checkpoint());
        const again = new ServiceAddresses(catalog);
        again.restore(state);
        for (let address = 0; address <= 20; address++) {
          expect(found(again, address, T + 20 * HOUR)).toEqual(found(addresses, address, T + 20 * HOUR));
        }
        const other = new ServiceAddresses(new Catalog([]));
        other.restore(state);
        expect(other.size).toBe(0);
      },
    ),
  );
});
