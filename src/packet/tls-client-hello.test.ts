import { createServer, type Server } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { mayBeTls, mayBeTlsRecord } from './tls-client-hello.ts';
import { toldClientHello } from './told-names.test-helper.ts';

/** The first bytes that Node's TLS client (OpenSSL) sends. */
const firstFlight = (servername: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => {
      socket.once('data', (data) => {
        socket.destroy();
        server.close();
        resolve(data);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      connect({ port: address.port, host: '127.0.0.1', servername, ALPNProtocols: ['h2', 'http/1.1'] }).on(
        'error',
        () => {},
      );
    });
  });

let flight: Buffer;
beforeAll(async () => {
  flight = await firstFlight('Web.WhatsApp.com');
});

const expected = {
  kind: 'hello',
  sni: 'web.whatsapp.com',
  alpn: ['h2', 'http/1.1'],
  echOffered: false,
  version: 0x0304,
  complete: true,
};

const read = (bytes: Uint8Array, final = false) => toldClientHello(bytes, 0, bytes.length, { final });

/** The same message in records of at most `size` bytes. */
const fragment = (record: Buffer, size: number): Buffer => {
  const message = record.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
};

test("OpenSSL's hello", () => {
  expect(read(flight)).toEqual(expected);
});

test('it may stand anywhere, and be followed by other records', () => {
  const bytes = Buffer.concat([Buffer.from('CONNECT'), flight, Buffer.from([20, 3, 3, 0, 1, 1])]);
  expect(toldClientHello(bytes, 7, bytes.length)).toEqual(expected);
});

test.each([1, 7, 100])('it may be spread over records of %i bytes', (size) => {
  expect(read(fragment(flight, size))).toEqual(expected);
});

test('every beginning asks for more, in one record or in many', () => {
  for (const bytes of [flight, fragment(flight, 50)])
    for (let end = 0; end < bytes.length; end++) expect(read(bytes.subarray(0, end))).toEqual({ kind: 'need-more' });
});

test('at the end of a flow a cut hello tells what it can', () => {
  const nameEnd = flight.indexOf('Web.WhatsApp.com') + 16;
  expect(read(flight.subarray(0, nameEnd), true)).toMatchObject({ sni: 'web.whatsapp.com', complete: false });
  expect(read(flight.subarray(0, nameEnd - 1), true)).toMatchObject({ sni: '', complete: false });
  expect(read(flight.subarray(0, 4), true)).toEqual({ kind: 'not-tls' });
});

test('records of another kind end a hello that is not whole', () => {
  const alert = Buffer.from([21, 3, 3, 0, 2, 2, 40]);
  const half = fragment(flight, flight.indexOf('Web.WhatsApp.com') + 20).subarray(
    0,
    flight.indexOf('Web.WhatsApp.com') + 25,
  );
  expect(read(Buffer.concat([half, alert]))).toMatchObject({ sni: 'web.whatsapp.com', complete: false });
});

test.each([
  ['HTTP', Buffer.from('GET / HTTP/1.1')],
  ['an alert', Buffer.from([21, 3, 1, 0, 2, 1, 0])],
  ['version 2 of SSL', Buffer.from([0x80, 0x4c, 1, 3, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['a record of 64 KiB', Buffer.from([22, 3, 1, 0xff, 0xff])],
  ['a ServerHello', Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
])('%s is no ClientHello', (_, bytes) => {
  expect(read(bytes)).toEqual({ kind: 'not-tls' });
});

test('nobody waits for more than 64 KiB', () => {
  const endless = Buffer.concat(Array(20_000).fill(Buffer.from([22, 3, 1, 0, 1, 1])));
  endless[11] = 0;
  endless[17] = 0xff;
  endless[23] = 0;
  endless[29] = 3;
  expect(read(endless.subarray(0, 65_535))).toEqual({ kind: 'need-more' });
  expect(read(endless)).toMatchObject({ kind: 'hello', complete: false });
});

test('two bytes tell that a stream may be TLS, one that it is not', () => {
  const may = (...bytes: readonly number[]): boolean => mayBeTls(Uint8Array.from(bytes), 0, bytes.length);
  expect([may(), may(22), may(22, 3), may(22, 2), may(23), may(71, 69)]).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('any mutation is read or refused, never thrown at', () => {
  const mutation = fc.tuple(fc.nat(1000), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      fc.nat(2000),
      fc.boolean(),
      (mutations, cut, final) => {
        const bytes = Buffer.from(flight);
        for (const [at, value] of mutations) bytes[at % bytes.length] = value;
        const result = read(bytes.subarray(0, cut), final);
        if (final) expect(result.kind).not.toBe('need-more');
        expect(['hello', 'need-more', 'not-tls']).toContain(result.kind);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a record of any content has one of four types and a version of 3', () => {
  const may = (...bytes: readonly number[]): boolean => mayBeTlsRecord(Uint8Array.from(bytes), 0, bytes.length);
  expect([20, 21, 22, 23].map((type) => may(type, 3, 1))).toEqual([true, true, true, true]);
  expect([may(19, 3), may(24, 3), may(23, 2), may(23), may()]).toEqual([false, false, false, false, false]);
});
