import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InitialFrames } from './quic-frames.ts';
import { QuicHeader } from './quic-header.ts';
import { deriveInitialKeys, openInitial, sealInitial } from './quic-initial.ts';
import { clientInitials, cryptoFrame, destination } from './quic-vectors.test-helper.ts';
import { quicVersionOf } from './quic-version.ts';
import { toldClientHelloMessage } from './told-names.test-helper.ts';

const versions = { 1: quicVersionOf(1)!, 2: quicVersionOf(0x6b3343cf)! } as const;

const open = (packet: Uint8Array, version: 1 | 2, connectionId: Uint8Array = destination): Uint8Array | undefined => {
  const header = new QuicHeader();
  if (!header.decode(packet, 0, packet.length)) return undefined;
  return openInitial(deriveInitialKeys(versions[version], connectionId)!, packet, 0, header);
};

describe.each([
  [
    1 as const,
    'RFC 9001 A.1',
    { key: '1f369613dd76d5467730efcbe3b1a22d', iv: 'fa044b2f42a3fd3b46fb255c', hp: '9f50449e04a0e810283a1e9933adedd2' },
    'c300000001088394c8f03e5157080000449e00000002',
  ],
  [
    2 as const,
    'RFC 9369 A.1',
    { key: '8b1a0bc121284290a29e0971b5cd045d', iv: '91f73e2351d8fa91660e909f', hp: '45b95e15235d6f45a6b19cbcb0294ba9' },
    'd36b3343cf088394c8f03e5157080000449e00000002',
  ],
])('version %i', (version, source, { key, iv, hp }, unprotectedHeader) => {
  test(`has the client's keys of ${source}`, () => {
    const keys = deriveInitialKeys(versions[version], destination)!;
    expect([keys.key, keys.iv, keys.headerKey].map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([
      key,
      iv,
      hp,
    ]);
  });

  test('gives the payload of the vector: the CRYPTO frame, padded to 1162 bytes', () => {
    const payload = open(clientInitials[version], version)!;
    expect(Buffer.from(payload)).toEqual(Buffer.concat([cryptoFrame, Buffer.alloc(1162 - cryptoFrame.length)]));
    const frames = new InitialFrames();
    expect(frames.decode(payload)).toBe(true);
    expect([frames.pieces, frames.offsets[0], frames.acknowledges]).toEqual([1, 0, false]);
    expect(toldClientHelloMessage(payload, frames.starts[0]!, frames.ends[0]!)).toEqual({
      kind: 'hello',
      sni: 'example.com',
      alpn: ['alpn'],
      echOffered: false,
      version: 0x0304,
      complete: true,
    });
  });

  test('seals the payload to the vector', () => {
    const payload = Buffer.concat([cryptoFrame, Buffer.alloc(1162 - cryptoFrame.length)]);
    const keys = deriveInitialKeys(versions[version], destination)!;
    const sealed = sealInitial(keys, Buffer.from(unprotectedHeader, 'hex'), 4, payload);
    expect(Buffer.from(sealed)).toEqual(clientInitials[version]);
  });

  test('gives nothing for another connection id, nor for keys of the other version', () => {
    expect(open(clientInitials[version], version, destination.subarray(1))).toBeUndefined();
    expect(open(clientInitials[version], version === 1 ? 2 : 1)).toBeUndefined();
  });
});

test('a packet of which any bit is changed, or that is cut anywhere, gives nothing', () => {
  const places = fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.nat(1199), fc.nat(7));
  fc.assert(
    fc.property(places, ([version, at, bit]) => {
      const packet = Buffer.from(clientInitials[version]);
      packet[at]! ^= 1 << bit;
      expect(open(packet, version)).toBeUndefined();
      expect(open(clientInitials[version].subarray(0, at), version)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('versions with a handshake in the clear have no keys', () => {
  expect(deriveInitialKeys(quicVersionOf(0x51303436)!, destination)).toBeUndefined();
});

test.each([
  [0x00000001, '1'],
  [0x6b3343cf, '2'],
  [0xff00001d, 'draft-29'],
  [0xff000022, 'draft-34'],
  [0xfaceb002, 'mvfst-27'],
  [0x54303531, 'T051'],
  [0x51303530, 'Q050'],
  [0x51303436, 'Q046'],
  [0x0a1a2a3a, undefined],
  [0, undefined],
])('version %i is called %s', (word, name) => {
  expect(quicVersionOf(word)?.name).toBe(name);
  expect(quicVersionOf(word | 0)?.name).toBe(name);
});
