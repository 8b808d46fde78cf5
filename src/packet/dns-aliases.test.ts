import { expect, test } from 'vitest';
import { DnsAliases } from './dns-aliases.ts';

/** Names of one letter are told by its code. */
const codeOf = (name: string): number => name.charCodeAt(0);

const told = (aliases: DnsAliases) => ({
  names: aliases.names.map((code) => String.fromCharCode(code)),
  ttlTo: (name: string): number => aliases.ttlTo(codeOf(name)),
});

const resolve = (question: string, ...records: readonly (readonly [string, string, number])[]) => {
  const aliases = new DnsAliases();
  aliases.clear();
  for (const [owner, target, ttlS] of records) aliases.add(codeOf(owner), codeOf(target), ttlS);
  aliases.resolve(codeOf(question));
  return told(aliases);
};

test('the chain is followed from the question, whatever the order of the records', () => {
  const aliases = resolve('a', ['c', 'd', 30], ['a', 'b', 60], ['b', 'c', 20]);
  expect(aliases.names).toEqual(['b', 'c', 'd']);
});

test('the way to a name holds as long as its shortest alias', () => {
  const aliases = resolve('a', ['a', 'b', 60], ['b', 'c', 20], ['c', 'd', 30]);
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => aliases.ttlTo(name))).toEqual([
    Number.POSITIVE_INFINITY,
    60,
    20,
    20,
    -1,
  ]);
});

test('what the question does not lead to comes after the chain, in message order', () => {
  const aliases = resolve('a', ['x', 'y', 1], ['a', 'b', 2], ['p', 'q', 3]);
  expect(aliases.names).toEqual(['b', 'y', 'q']);
  expect(aliases.ttlTo('y')).toBe(-1);
});

test('a loop ends where it closes', () => {
  expect(resolve('a', ['a', 'b', 1], ['b', 'a', 2]).names).toEqual(['b', 'a']);
  expect(resolve('a', ['a', 'a', 1]).names).toEqual(['a']);
});

test('nothing of the message before is left', () => {
  const aliases = new DnsAliases();
  aliases.add(codeOf('a'), codeOf('b'), 60);
  aliases.resolve(codeOf('a'));
  aliases.clear();
  aliases.resolve(codeOf('a'));
  const { names, ttlTo } = told(aliases);
  expect([names, ttlTo('b')]).toEqual([[], -1]);
});

test('the 33rd alias is refused', () => {
  const aliases = new DnsAliases();
  const taken = Array.from({ length: 33 }, (_, i) => aliases.add(i, i + 1, 1));
  expect(taken.indexOf(false)).toBe(32);
});
