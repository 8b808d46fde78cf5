import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { MAX_HEAD_BYTES } from './http-head.ts';
import { decodeHttpRequest, mayBeHttpRequest } from './http-request.ts';
import { toldHttpRequest } from './told-names.test-helper.ts';

const read = (text: string, final = false) => toldHttpRequest(Buffer.from(text, 'latin1'), 0, text.length, { final });

const whole =
  'GET /x/y?size=2&z HTTP/1.1\r\nAccept: */*\r\nHost: Media.WhatsApp.NET:8080\r\nUser-Agent: WhatsApp/2.11.186 Android/4.3\r\n\r\nbody';

const expected = {
  kind: 'request',
  method: 'GET',
  path: '/x/y',
  query: '?size=2&z',
  host: 'media.whatsapp.net',
  userAgent: 'WhatsApp/2.11.186 Android/4.3',
  expectsContinue: false,
  content: 0,
  headBytes: whole.length - 4,
  complete: true,
};

test('a whole head', () => {
  expect(read(whole)).toEqual(expected);
});

test('it may stand anywhere in the bytes', () => {
  const bytes = Buffer.from(`xx${whole}`).subarray(1);
  expect(toldHttpRequest(bytes, 1, bytes.length)).toEqual(expected);
});

test('lines may end in a bare LF', () => {
  expect(read(whole.replaceAll('\r', ''))).toEqual({ ...expected, headBytes: expected.headBytes - 5 });
});

test('field names are case-blind, spaces around values do not count, the first of several fields does', () => {
  expect(read('HEAD / HTTP/1.0\r\nHOST :\t a.net \r\nhost:b.net\r\nuser-AGENT:x\r\n\r\n')).toMatchObject({
    method: 'HEAD',
    host: 'a.net',
    userAgent: 'x',
  });
});

test('a folded field is one line', () => {
  expect(read('GET / HTTP/1.1\r\nUser-Agent: a\r\n  b\r\n\tc\r\nHost:\r\n a.net\r\n\r\n')).toMatchObject({
    host: 'a.net',
    userAgent: 'a b c',
  });
});

test('what its texts take is counted in bytes of the head', () => {
  const result = decodeHttpRequest(Buffer.from(whole), 0, whole.length, new Interner());
  const texts = ['/x/y?size=2&z', 'Media.WhatsApp.NET:8080', expected.userAgent].join('');
  expect(result).toMatchObject({ textBytes: texts.length });
});

test('a user agent is UTF-8', () => {
  const bytes = Buffer.from('GET /é HTTP/1.1\r\nUser-Agent: Sönde\r\n\r\n');
  expect(toldHttpRequest(bytes, 0, bytes.length)).toMatchObject({ path: '/é', userAgent: 'Sönde' });
});

describe('the target', () => {
  test.each([
    ['GET http://A.net:80/p?q HTTP/1.1', { path: '/p', query: '?q', host: 'a.net' }],
    ['GET http://user:pass@a.net HTTP/1.1', { path: '/', query: '', host: 'a.net' }],
    ['GET http://a.net?q HTTP/1.1', { path: '', query: '?q', host: 'a.net' }],
    ['CONNECT web.WhatsApp.com:443 HTTP/1.1', { path: '', query: '', host: 'web.whatsapp.com' }],
    ['CONNECT [2001:DB8::1]:443 HTTP/1.1', { path: '', query: '', host: '2001:db8::1' }],
    ['CONNECT / HTTP/1.1', { path: '', query: '', host: '' }],
    ['OPTIONS * HTTP/1.1', { path: '*', query: '', host: '' }],
    ['GET /with a space  HTTP/1.1', { path: '/with a space', query: '', host: '' }],
    ['PROPFIND /a?b?c HTTP/1.1', { path: '/a', query: '?b?c', host: '' }],
  ])('%s', (line, target) => {
    expect(read(`${line}\r\n\r\n`)).toMatchObject({ kind: 'request', ...target });
  });
});

describe('the host', () => {
  test.each([
    ['a.net.', 'a.net'],
    ['a.net.:80', 'a.net'],
    ['a.net:', 'a.net'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['[2001:DB8:0::1]', '2001:db8::1'],
    ['[2001:db8::1]:8080', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0'],
    ['a net', 'a\\032net'],
    ['', 'authority.net'],
    ['x'.repeat(300), 'authority.net'],
  ])('%j', (field, host) => {
    expect(read(`GET http://authority.net/ HTTP/1.1\r\nHost: ${field}\r\n\r\n`)).toMatchObject({ host });
  });
});

describe('the content', () => {
  test.each([
    ['', 0],
    ['Content-Length: 5', 5],
    ['Content-Length: 5, 5', 5],
    ['Content-Length: 5\r\nContent-Length: 5', 5],
    ['Content-Length: 5\r\nContent-Length: 6', 'unknown'],
    ['Content-Length: -5', 'unknown'],
    ['Content-Length: 0x5', 'unknown'],
    ['Content-Length:', 'unknown'],
    ['Content-Length: 12345678901234567', 'unknown'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5', 'chunked'],
    ['Transfer-Encoding: gzip, Chunked', 'chunked'],
    ['Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked', 'chunked'],
    ['Transfer-Encoding: gzip', 'unknown'],
  ])('%j', (field, content) => {
    expect(read(`POST / HTTP/1.1\r\n${field}\r\n\r\n`)).toMatchObject({ content, complete: true });
  });

  test('behind a head that was cut it is not known', () => {
    expect(read('POST / HTTP/1.1\r\nContent-Length: 5\r\nHo', true)).toMatchObject({ content: 'unknown' });
  });

  test('may be held back until the server gives leave', () => {
    expect(read('PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n')).toMatchObject({
      expectsContinue: true,
      content: 5,
    });
  });
});

describe('what is not whole', () => {
  test('every beginning asks for more', () => {
    for (let end = 0; end < expected.headBytes; end++) expect(read(whole.slice(0, end))).toEqual({ kind: 'need-more' });
  });

  test('at the end of a flow the whole lines are told, never a cut name', () => {
    const hostEnd = whole.indexOf('\n', whole.indexOf('Host')) + 1;
    for (let end = 0; end < expected.headBytes; end++) {
      const result = read(whole.slice(0, end), true);
      if (end <= whole.indexOf('\n')) expect(result).toEqual({ kind: 'not-http' });
      else expect(result).toMatchObject({ path: '/x/y', host: end < hostEnd ? '' : expected.host, complete: false });
    }
  });

  test('nobody waits for more than 16 KiB', () => {
    const long = `GET / HTTP/1.1\r\nHost: a.net\r\n${'X: y\r\n'.repeat(5000)}`;
    expect(read(long.slice(0, MAX_HEAD_BYTES - 1))).toEqual({ kind: 'need-more' });
    expect(read(long)).toMatchObject({ host: 'a.net', complete: false });
    expect(read(`GET /${'x'.repeat(MAX_HEAD_BYTES)}`)).toEqual({ kind: 'not-http' });
  });
});

describe('what is not HTTP/1 is refused at once', () => {
  test.each([
    ['a response', 'HTTP/1.1 200 OK'],
    ['an unknown method', 'HELLO'],
    ['a method in lower case', 'get /'],
    ['TLS', '\x16\x03\x01'],
    ['SMTP', 'EHLO '],
    ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0'],
    ['SIP', 'OPTIONS sip:a@b SIP/2.0\r\n'],
    ['RTSP', 'OPTIONS * RTSP/1.0\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['no target', 'GET HTTP/1.1\r\n'],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ kind: 'not-http' });
  });
});

test('a known method tells that a stream may be HTTP, fewer bytes that it is not', () => {
  const may = (text: string): boolean => mayBeHttpRequest(Buffer.from(text), 0, text.length);
  expect(['GET /', 'GET', 'G', 'M-SEARCH * ', 'VERSION-CONTROL '].map(may)).toEqual([true, true, true, true, true]);
  expect(['', 'g', 'GETS ', 'GX', 'POS T'].map(may)).toEqual([false, false, false, false, false]);
});

test('any bytes after a method are read or refused in no time', () => {
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    ':',
    '/',
    '@',
    '[',
    '?',
    'Host:',
    'HTTP/1.1',
    'a',
    '\xff',
    ' '.repeat(2000),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, final) => {
      const result = read(`GET ${pieces.join('')}`, final);
      if (final) expect(result.kind).not.toBe('need-more');
    }),
    { numRuns: 2000 },
  );
});

test.each([' ', '\r', ':', '\n ', '@', '[', '\t', '\r\n', 'Host:'])('16 KiB of %j take milliseconds', (piece) => {
  const text = `GET / HTTP/1.1\r\nHost: ${piece.repeat(16_384 / piece.length)}`;
  const began = process.cpuUsage();
  for (let i = 0; i < 10; i++) read(text, true);
  const spent = process.cpuUsage(began);
  expect((spent.user + spent.system) / 10_000).toBeLessThan(50);
});
