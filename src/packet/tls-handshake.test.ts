import { describe, expect, test } from 'vitest';
import { toldClientHelloMessage } from './told-names.test-helper.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** A vector with a length of `size` bytes before it. */
const vector = (size: number, ...parts: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(parts);
  const length = Buffer.alloc(size);
  length.writeUIntBE(data.length, 0, size);
  return Buffer.concat([length, data]);
};

const extension = (type: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, data)]);

const serverName = (name: string): Buffer =>
  extension(0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(name, 'latin1'))])));

const alpn = (...protocols: readonly string[]): Buffer =>
  extension(16, vector(2, ...protocols.map((protocol) => vector(1, Buffer.from(protocol, 'latin1')))));

const hello = (...extensions: readonly Buffer[]): Buffer => {
  const fixed = hex(`0303 ${'5a'.repeat(32)} 00 0002 1301 01 00`);
  return Buffer.concat([Buffer.from([1]), vector(3, fixed, vector(2, ...extensions))]);
};

const read = (bytes: Uint8Array, final = false) => toldClientHelloMessage(bytes, 0, bytes.length, { final });

const bare = { kind: 'hello', sni: '', alpn: [], echOffered: false, version: 0x0303, complete: true };

test('a whole hello: name in lower case, protocols in order, highest version, all without GREASE', () => {
  const bytes = hello(
    extension(0x1a1a, Buffer.alloc(0)),
    serverName('Media.WhatsApp.NET'),
    alpn('\x0a\x0a', 'h2', 'http/1.1'),
    extension(43, hex('06 7a7a 0304 0303')),
  );
  expect(read(bytes)).toEqual({
    kind: 'hello',
    sni: 'media.whatsapp.net',
    alpn: ['h2', 'http/1.1'],
    echOffered: false,
    version: 0x0304,
    complete: true,
  });
});

test('a hello without extensions, as old clients send it', () => {
  const bytes = Buffer.concat([Buffer.from([1]), vector(3, hex(`0301 ${'5a'.repeat(32)} 00 0002 002f 01 00`))]);
  expect(read(bytes)).toEqual({ ...bare, version: 0x0301 });
});

test('the message need not begin at the first byte nor end at the last', () => {
  const message = hello(serverName('a.net'));
  const bytes = Buffer.concat([Buffer.alloc(9, 1), message, Buffer.alloc(9, 1)]);
  expect(toldClientHelloMessage(bytes, 9, 9 + message.length)).toEqual({ ...bare, sni: 'a.net' });
  expect(toldClientHelloMessage(bytes, 9, bytes.length)).toEqual({ ...bare, sni: 'a.net' });
});

test.each([
  ['0xfe0d, encrypted_client_hello', 0xfe0d, true],
  ['0xfe09 of a draft', 0xfe09, true],
  ['0xffce, encrypted_server_name', 0xffce, true],
  ['0xfe0e, anything else', 0xfe0e, false],
])('an encrypted hello is offered by extension %s', (_, type, echOffered) => {
  expect(read(hello(serverName('outer.net'), extension(type, hex('00'))))).toEqual({
    ...bare,
    sni: 'outer.net',
    echOffered,
  });
});

test('drafts of TLS 1.3 count as TLS 1.3', () => {
  expect(read(hello(extension(43, hex('04 7f17 0303'))))).toMatchObject({ version: 0x0304 });
});

test('names and protocols that are no text are escaped', () => {
  expect(read(hello(serverName('a b\xff'), alpn('h\\2\0')))).toMatchObject({
    sni: 'a\\032b\\255',
    alpn: ['h\\\\2\\000'],
  });
});

test('only the first host name counts, and only if its type is host_name', () => {
  const other = Buffer.concat([Buffer.from([9]), vector(2, Buffer.from('other'))]);
  const named = (name: string): Buffer => Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(name))]);
  expect(read(hello(extension(0, vector(2, other, named('a.net'), named('b.net')))))).toMatchObject({ sni: 'a.net' });
  expect(read(hello(extension(0, vector(2, other))))).toMatchObject({ sni: '' });
});

test('of many protocols the first 32 are told', () => {
  expect(read(hello(alpn(...Array<string>(100).fill('h2'))))).toMatchObject({ alpn: Array(32).fill('h2') });
});

describe('what is broken', () => {
  test.each([
    ['another handshake message', hex('02 000010')],
    ['a hello over 64 KiB', hex('01 010000 0303')],
    ['a version that TLS never had', hex('01 000100 0203')],
  ])('%s is no ClientHello', (_, bytes) => {
    expect(read(bytes)).toEqual({ kind: 'not-tls' });
  });

  test('every beginning of a hello asks for more; what it tells at the end is what stood before the cut', () => {
    const bytes = hello(serverName('a.net'), alpn('h2'));
    const nameEnd = bytes.indexOf('a.net') + 5;
    for (let end = 0; end < bytes.length; end++) {
      expect(read(bytes.subarray(0, end))).toEqual({ kind: 'need-more' });
      if (end < 4) expect(read(bytes.subarray(0, end), true)).toEqual({ kind: 'not-tls' });
      else
        expect(read(bytes.subarray(0, end), true)).toMatchObject({
          kind: 'hello',
          sni: end < nameEnd ? '' : 'a.net',
          alpn: [],
          complete: false,
        });
    }
    expect(read(bytes)).toEqual({ ...bare, sni: 'a.net', alpn: ['h2'] });
  });

  test('lengths that point outside end the reading', () => {
    const bytes = hello(serverName('a.net'), extension(16, hex('0003 09 68 32')), extension(43, hex('ff 03')));
    expect(read(bytes)).toMatchObject({ sni: 'a.net', alpn: [], version: 0x0303 });
    const inner = Buffer.from(bytes);
    inner.writeUInt16BE(0xffff, inner.indexOf('a.net') - 2);
    expect(read(inner)).toMatchObject({ sni: '' });
    const outer = Buffer.from(bytes);
    outer.writeUInt16BE(0xffff, outer.indexOf('a.net') - 7);
    expect(read(outer)).toMatchObject({ sni: '', complete: false });
  });
});
