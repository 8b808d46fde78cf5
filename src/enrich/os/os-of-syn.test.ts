import { describe, expect, test } from 'vitest';
import { osOfSyn } from './os-of-syn.ts';
import { anyOs, osNames, osSet, osText } from './os-set.ts';
import { synForms } from './syn-forms.ts';

describe('a SYN tells', () => {
  test.each([
    ['Android since 4.4', '4:64:0:1460:65535,8:mss,sok,ts,nop,ws:df,id+:0', 'Android'],
    ['Android 4 on a 3G network', '4:64:0:1400:mss*10,5:mss,sok,ts,nop,ws:df,id+:0', 'Android'],
    ['Android 2', '4:64:0:1460:mss*44,1:mss,sok,ts,nop,ws:df,id+:0', 'Android'],
    [
      'Android behind a box that overwrites timestamps',
      `4:64:0:1380:65535,8:mss,sok,${'nop,'.repeat(11)}ws:df,id+:0`,
      'Android',
    ],
    ['Linux 5', '4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0', 'Linux'],
    ['Linux 4 over IPv6', '6:64:0:1440:mss*20,7:mss,sok,ts,nop,ws:flow:0', 'Linux'],
    ['Linux 5 in a tunnel', '4:64:0:1420:mss*46,7:mss,sok,ts,nop,ws:df,id+:0', 'Linux'],
    ['Linux 5 that asks for fast open', '4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws,?34,nop,nop:df,id+:+', 'Linux'],
    ['a kernel of 2013 with much memory', '4:64:0:1460:mss*10,7:mss,sok,ts,nop,ws:df,id+:0', 'Android or Linux'],
    ['Linux 2.6', '4:64:0:1460:mss*4,7:mss,sok,ts,nop,ws:df,id+:0', 'Android or Linux'],
    ['Mac OS X 10.6', '4:64:0:1460:65535,3:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0', 'macOS'],
    ['iPhone OS 5', '4:64:0:1460:65535,2:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0', 'iOS'],
    ['anything of Apple since', '4:64:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0', 'iOS or macOS'],
    ['the same with fast open', '4:64:0:1460:65535,5:mss,nop,ws,nop,nop,ts,sok,?34:df:+', 'iOS or macOS'],
    ['Windows 7', '4:128:0:1460:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0', 'Windows or Windows Phone'],
    ['Windows 10', '4:128:0:1460:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0', 'Windows'],
    [
      'Windows 10 behind a box with a TTL of its own',
      '4:64:0:1452:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0',
      'Windows',
    ],
    ['Windows XP', '4:128:0:1460:65535,0:mss,nop,nop,sok:df,id+:0', 'Windows'],
    ['BlackBerry OS', '4:128:0:1452:65535,0:mss,nop,nop,sok,nop,nop,ts:df,id+:0', 'BlackBerry'],
    ['FreeBSD', '4:64:0:1460:65535,6:mss,nop,ws,sok,ts:df,id+:0', 'FreeBSD'],
    ['OpenBSD', '4:64:0:1460:16384,6:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+:0', 'OpenBSD'],
    ['a scanner: nothing', '4:64:0:1460:1024,0:mss::0', 'unknown'],
    ['no options: nothing', '4:64:0:0:8192,0::df,id+:0', 'unknown'],
    ['what is no signature: nothing', '', 'unknown'],
  ])('%s', (_, signature, os) => {
    expect(osText(osOfSyn(signature))).toBe(os);
  });
});

describe('the table', () => {
  /** A signature that a form describes. */
  const signatureOf = ({ layouts, ttl = 64, windows = ['777'], scales = [5, 5] }: (typeof synForms)[number]): string =>
    `4:${ttl}:0:1460:${windows[0]},${scales[0]}:${layouts[0]}:df:0`;

  test('no form is hidden by one before it', () => {
    for (const form of synForms) expect(osOfSyn(signatureOf(form)), form.source).toBe(osSet(...form.systems));
  });

  test('every form has a source', () => {
    for (const { source } of synForms) expect(source).toMatch(/\w.*\.$/s);
  });
});

test('sets of systems read as words', () => {
  expect(osText(osSet('iOS', 'macOS'))).toBe('iOS or macOS');
  expect(osText(anyOs)).toBe('unknown');
  expect(osText(osSet(...osNames))).toBe('unknown');
});
