import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { contentAfter, decodeHttpResponse, type HttpResponse, isInterim, mayBeHttpResponse } from './http-response.ts';
import { toldHttpResponse } from './told-names.test-helper.ts';

const read = (text: string, final = false) => toldHttpResponse(Buffer.from(text, 'latin1'), 0, text.length, { final });

const decode = (text: string) => decodeHttpResponse(Buffer.from(text), 0, text.length, new Interner()) as HttpResponse;

const whole = 'HTTP/1.1 200 OK\r\nContent-Type: Image/JPEG; q=1\r\nServer: x\r\ncontent-length: 70123\r\n\r\n\xff\xd8';

const expected = {
  kind: 'response',
  status: 200,
  contentType: 'image/jpeg',
  contentLength: 70_123,
  content: 70_123,
  headBytes: whole.length - 2,
  complete: true,
};

test('a whole head', () => {
  expect(read(whole)).toEqual(expected);
});

test('it may stand anywhere in the bytes', () => {
  const bytes = Buffer.from(`xx${whole}`, 'latin1').subarray(1);
  expect(toldHttpResponse(bytes, 1, bytes.length)).toEqual(expected);
});

describe('the status line', () => {
  test.each([
    ['HTTP/1.0 404 Not Found', 404],
    ['HTTP/1.1 200', 200],
    ['HTTP/1.1 200 ', 200],
    ['HTTP/1.1  301\tMoved', 301],
  ])('%j', (line, status) => {
    expect(read(`${line}\r\n\r\n`)).toMatchObject({ status });
  });

  test.each([
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 OK',
    'HTTP/2 200',
    'HTTP/1.x 200 OK',
    'ICY 200 OK',
    'http/1.1 200 OK',
    ' HTTP/1.1 200',
  ])('%j is none', (line) => {
    expect(read(`${line}\r\n\r\n`)).toEqual({ kind: 'not-http' });
  });
});

describe('the content by the fields', () => {
  test.each([
    ['', Number.POSITIVE_INFINITY, Number.NaN],
    ['Content-Length: 0', 0, 0],
    ['Content-Length: 5\r\nContent-Length: 6', 'unknown', Number.NaN],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5', 'chunked', 5],
    ['Transfer-Encoding: gzip', Number.POSITIVE_INFINITY, Number.NaN],
  ])('%j', (field, content, contentLength) => {
    expect(read(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`)).toMatchObject({ content, contentLength });
  });
});

describe('the content by request and status', () => {
  test.each([
    ['GET', 200, 5],
    ['', 200, 5],
    ['HEAD', 200, 0],
    ['GET', 204, 0],
    ['GET', 304, 0],
    ['POST', 100, 0],
    ['GET', 101, 0],
    ['GET', 500, 5],
  ])('%s %i', (method, status, content) => {
    const response = decode(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`);
    expect(contentAfter(response, method)).toBe(content);
  });
});

test('1xx are on the way, but for the one that switches protocols', () => {
  const statuses = [100, 101, 102, 103, 200, 404];
  const interim = statuses.filter((status) => isInterim(decode(`HTTP/1.1 ${status} X\r\n\r\n`)));
  expect(interim).toEqual([100, 102, 103]);
});

describe('what is not whole', () => {
  test('every beginning asks for more', () => {
    for (let end = 0; end < expected.headBytes; end++) expect(read(whole.slice(0, end))).toEqual({ kind: 'need-more' });
  });

  test('where nothing more comes the whole lines are told, and never what follows', () => {
    const typeEnd = whole.indexOf('\n', whole.indexOf('Content-Type')) + 1;
    for (let end = 0; end < expected.headBytes; end++) {
      const result = read(whole.slice(0, end), true);
      if (end <= whole.indexOf('\n')) expect(result).toEqual({ kind: 'not-http' });
      else {
        const contentType = end < typeEnd ? '' : 'image/jpeg';
        expect(result).toMatchObject({ status: 200, contentType, content: 'unknown', complete: false });
      }
    }
  });
});

test('its first bytes tell that a stream may be HTTP', () => {
  const may = (text: string): boolean => mayBeHttpResponse(Buffer.from(text), 0, text.length);
  expect(['H', 'HTTP/1.', 'HTTP/1.1 200'].map(may)).toEqual([true, true, true]);
  expect(['', 'HTTP/2', 'HX', 'GET'].map(may)).toEqual([false, false, false, false]);
});

test('any bytes behind the status are read or refused, and nothing outside the bounds is', () => {
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    ':',
    ';',
    ',',
    'Content-Length',
    'Transfer-Encoding:',
    '5',
    'chunked',
    '\xff',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, final) => {
      const text = `HTTP/1.1 200${pieces.join('')}`;
      const result = read(text, final);
      const padded = Buffer.from(`zz${text}\r\n\r\n`, 'latin1');
      expect(toldHttpResponse(padded, 2, 2 + text.length, { final })).toEqual(result);
      if (final) expect(result.kind).not.toBe('need-more');
      if (result.kind === 'response') expect(result.headBytes).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2000 },
  );
});
