import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeGoogleHello, decodePublicHeader, decodeQ046 } from './google-quic.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** CHLO with the tags PAD (2 bytes), SNI and VER. */
const chlo = hex(
  `43484c4f 0300 0000 50414400 02000000 534e4900 0b000000 56455200 0f000000 2d2d ${'5757572e612e6f7267'} 51303433`,
);
const hash = '00'.repeat(12);
const frame = `a0 01 0400 ${chlo.toString('hex')}`;

describe("Google's CHLO", () => {
  test('has a server name, in lower case', () => {
    expect(decodeGoogleHello(chlo, 0, chlo.length)).toEqual({ sni: 'www.a.org' });
  });

  test('may have none, or be cut before it', () => {
    expect(decodeGoogleHello(hex('43484c4f 0000 0000'), 0, 8)).toEqual({ sni: '' });
    expect(decodeGoogleHello(chlo, 0, chlo.length - 5)).toEqual({ sni: '' });
    expect(decodeGoogleHello(hex('52454a00 0000 0000'), 0, 8)).toBeUndefined();
    expect(decodeGoogleHello(chlo, 0, 7)).toBeUndefined();
  });

  test.each([
    ['Q043', `0d a4b104dcf2fe28fa 51303433 01 ${hash} ${frame}`],
    ['Q043', `39 a4b104dcf2fe28fa 51303433 010000000000 ${hash} ${frame}`],
    ['Q025', `0d 49bee2d3f0edccd6 51303235 01 ${hash} 00 ${frame}`],
  ])('behind the public header of %s', (version, datagram) => {
    const bytes = hex(datagram);
    expect(decodePublicHeader(bytes, 0, bytes.length)).toEqual({ sni: 'www.a.org', version });
  });

  test.each([
    ['another version', `0d a4b104dcf2fe28fa 51313433 01 ${hash} ${frame}`],
    ['another stream', `0d a4b104dcf2fe28fa 51303433 01 ${hash} a0 03 0400 ${chlo.toString('hex')}`],
    ['no version', `0c a4b104dcf2fe28fa 51303433 01 ${hash} ${frame}`],
    ['the header alone', '0d a4b104dcf2fe28fa 51303433'],
  ])('is not read from %s', (_, datagram) => {
    const bytes = hex(datagram);
    expect(decodePublicHeader(bytes, 0, bytes.length)).toBeUndefined();
  });

  test('in a packet of Q046, at an offset of its stream', () => {
    const bytes = hex(`00000004 ${hash} a4 01 0400 0400 ${chlo.toString('hex')}`);
    expect(decodeQ046(bytes, 0xc3, 0, bytes.length)).toEqual({ sni: 'www.a.org' });
  });

  test('changed anywhere, never throws, and gives nothing that is not there', () => {
    const datagram = hex(`0d a4b104dcf2fe28fa 51303433 01 ${hash} ${frame}`);
    const change = fc.record({ at: fc.nat(datagram.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(datagram.length), (changes, end) => {
        const bytes = Buffer.from(datagram);
        for (const { at, to } of changes) bytes[at] = to;
        if (end === 0) return;
        expect(decodePublicHeader(bytes, 0, end)?.sni.length ?? 0).toBeLessThanOrEqual(4 * end);
      }),
      { numRuns: 1000 },
    );
  });
});
