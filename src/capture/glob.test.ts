import { describe, expect, test } from 'vitest';
import { globToRegExp, isGlob } from './glob.ts';

describe('globToRegExp', () => {
  test.each([
    ['*.pcap', ['a.pcap', 'x.pcap'], ['a.pcapng', 'd/a.pcap', '.hidden.pcap']],
    ['day-?.pcap', ['day-1.pcap'], ['day-10.pcap', 'day-.pcap', 'day-/.pcap']],
    ['**/*.pcap', ['a.pcap', 'd/a.pcap', 'd/e/a.pcap'], ['.d/a.pcap', 'd/.a.pcap']],
    ['**', ['a', 'd/a'], ['.a', 'd/.a']],
    ['d/**', ['d/a', 'd/e/a'], ['d', 'e/a']],
    ['*.{pcap,pcapng}', ['a.pcap', 'a.pcapng'], ['a.pcapn', 'a.{pcap,pcapng}']],
    ['{a,b/c}*', ['a1', 'b/c2'], ['b/a', 'c']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['a+(b)[c].^$|\\*', ['a+(b)[c].^$|\\x'], ['aab[c].']],
    ['{a', ['{a'], ['a']],
  ])('%s', (pattern, matching, others) => {
    const matcher = globToRegExp(pattern);
    expect(matching.filter((path) => !matcher.test(path))).toEqual([]);
    expect(others.filter((path) => matcher.test(path))).toEqual([]);
  });

  test('plain paths are no patterns', () => {
    expect(['a.pcap', '-', 'a[1].pcap'].map(isGlob)).toEqual([false, false, false]);
    expect(['*', 'a?', '{a,b}'].map(isGlob)).toEqual([true, true, true]);
  });
});
