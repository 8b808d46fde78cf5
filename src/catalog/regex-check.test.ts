import { describe, expect, test } from 'vitest';
import { type CheckedRegex, checkRegex } from './regex-check.ts';

describe('regular expressions of rules', () => {
  test.each([
    ['[cde]\\d{1,2}\\.whatsapp\\.net', 3, ['net', 'whatsapp']],
    ['(.+\\.)?WhatsApp\\.net', 2, ['net']],
    ['(a|b)\\.example\\.org', 3, ['org', 'example']],
    ['a\\.example|b\\.example', 3, []],
    ['(?:.+\\.)?google\\.[a-z.]+', 2, []],
    ['r\\d+---sn-[a-z0-9-]+\\.googlevideo\\.com', 3, ['com', 'googlevideo']],
    ['[^.]{2,5}\\.x\\.y', 3, ['y', 'x']],
    ['[\\w.-]+', 1, []],
  ] as const)('%s has %i labels and the tail %j', (text, labels, tail) => {
    expect(checkRegex(text)).toMatchObject({ labels, tail });
  });

  test('match the whole name whatever the case', () => {
    const { regex } = checkRegex('e\\d\\.Whatsapp\\.net') as CheckedRegex;
    expect(regex.test('e1.whatsapp.net')).toBe(true);
    expect(regex.test('E1.WHATSAPP.NET')).toBe(true);
    expect(regex.test('xe1.whatsapp.net')).toBe(false);
    expect(regex.test('e1.whatsapp.net.evil')).toBe(false);
    expect(regex.test('e1xwhatsapp.net')).toBe(false);
  });

  test('an alternative at the top is held to the whole name too', () => {
    const { regex } = checkRegex('a\\.example|b\\.example') as CheckedRegex;
    expect(regex.test('a.example.evil')).toBe(false);
    expect(regex.test('b.example')).toBe(true);
  });

  test.each([
    ['(a+)+\\.net', 'a repeated group must not hold repetitions or alternatives'],
    ['(a|a)*\\.net', 'a repeated group must not hold repetitions or alternatives'],
    ['((a{99}){99}){99}', 'a repeated group must not hold repetitions or alternatives'],
    ['((a?)b){5}', 'a repeated group must not hold repetitions or alternatives'],
    ['.*.*.*x', 'too many repetitions or alternatives: a name could be tried in too many ways'],
    ['a?'.repeat(30), 'too many repetitions or alternatives: a name could be tried in too many ways'],
    ['(a|a)'.repeat(30), 'too many repetitions or alternatives: a name could be tried in too many ways'],
    ['(a|a)?'.repeat(30), 'too many repetitions or alternatives: a name could be tried in too many ways'],
    ['a{0,99}a{0,99}a{0,99}', 'too many repetitions or alternatives: a name could be tried in too many ways'],
    ['(a)\\1', '\\1 is not allowed; \\d \\w \\. \\- are'],
    ['(?=a)b', '? is not allowed here'],
    ['a**', '* is not allowed here'],
    ['a{3,1}', '{3,1} is the wrong way round'],
    ['^a\\.net$', 'no ^: the whole name is compared anyway'],
    ['(a', 'unmatched ('],
    ['a)b', 'unmatched )'],
    ['[a', 'a class holds letters, digits, - _ . and \\d \\w only'],
    ['bücher', 'ü is not allowed here'],
    ['a'.repeat(201), 'longer than 200 characters'],
  ])('%s is refused', (text, reason) => {
    expect(checkRegex(text)).toBe(reason);
  });

  test('a class whose range is the wrong way round is refused', () => {
    expect(checkRegex('[z-a]')).toMatch(/out of order/);
  });

  test.each(['.*.*x', '.*a.*b', '(a|aa)[a-z]*x', 'a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?x'])(
    '%s, which is allowed, stays under 50 ms on the worst name',
    (text) => {
      const { regex } = checkRegex(text) as CheckedRegex;
      const times = [1, 2, 3].map(() => {
        const start = performance.now();
        expect(regex.test('a'.repeat(253))).toBe(false);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(50);
    },
  );
});
