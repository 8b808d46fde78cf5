import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData, sharedData } from '../../test/needs.ts';
import { decodeStun } from './stun.ts';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const decode = (hex: string) => {
  const bytes = bytesOf(`ff ${hex} ff`);
  return decodeStun(bytes, 1, bytes.length - 1);
};

const transaction = '000102030405060708090a0b';
const header = (type: string, length: number): string =>
  `${type} ${length.toString(16).padStart(4, '0')} 2112a442 ${transaction}`;

describe('a message with the magic cookie', () => {
  test.each([
    ['0001', 1, 'request'],
    ['0011', 1, 'indication'],
    ['0101', 1, 'success'],
    ['0111', 1, 'error'],
    ['0003', 3, 'request'],
    ['0113', 3, 'error'],
    ['0016', 6, 'indication'],
    ['3eef', 0xfff, 'request'],
  ] as const)('of type %s', (type, method, kind) => {
    expect(decode(header(type, 0))).toEqual({ isClassic: false, method, class: kind, attributes: [] });
  });

  test('tells its attributes: REQUESTED-TRANSPORT, SOFTWARE with padding', () => {
    expect(decode(`${header('0003', 16)} 0019 0004 11000000 8022 0001 61000000`)?.attributes).toEqual([0x19, 0x8022]);
  });

  test('whose last attribute lacks its padding is one too: WhatsApp sends such', () => {
    expect(decode(`${header('0003', 10)} 4000 0006 010203040506`)?.attributes).toEqual([0x4000]);
  });

  test('may be followed by another, as on TCP', () => {
    expect(decode(`${header('0001', 0)} ${header('0001', 0)}`)?.attributes).toEqual([]);
  });

  test('that was cut tells what it has', () => {
    expect(decode(`${header('0003', 16)} 0019 0004 11000000 8022`)?.attributes).toEqual([0x19]);
    expect(decode(`${header('0003', 16)} 0019 0004 11`)?.attributes).toEqual([0x19]);
  });
});

describe('a message of RFC 3489', () => {
  const classic = (type: string, length: string): string => `${type} ${length} 00112233445566778899aabbccddeeff`;
  test('is known by its type, its length and its attributes', () => {
    expect(decode(`${classic('0001', '0008')} 0003 0004 00000000`)).toEqual({
      isClassic: true,
      method: 1,
      class: 'request',
      attributes: [3],
    });
    expect(decode(classic('0102', '0000'))).toMatchObject({ method: 2, class: 'success' });
  });

  test.each([
    ['of another type', classic('0003', '0000')],
    ['with bytes behind it', `${classic('0001', '0000')} 00`],
    ['that was cut', `${classic('0001', '0008')} 0003 0004`],
    ['with an attribute that it must know and does not', `${classic('0001', '0008')} 4000 0004 00000000`],
  ])('%s is none', (_, hex) => {
    expect(decode(hex)).toBeUndefined();
  });
});

describe('what is no STUN', () => {
  test.each([
    ['19 bytes', header('0001', 0).slice(0, -2)],
    ['ChannelData', header('4001', 0)],
    ['RTP', header('8060', 0)],
    ['attributes that do not fill it', `${header('0001', 5)} 0006 0000 ff`],
    ['an attribute longer than it', `${header('0001', 8)} 0006 0005 00000000`],
    ['nothing', ''],
    // As Zoom asks its servers.
    [
      'text behind the last attribute',
      '00010018 c15dae63585d14392e582c260403bf30 00010010 31323334353637383930313233343536 37383900',
    ],
  ])('%s', (_, hex) => {
    expect(decode(hex)).toBeUndefined();
  });

  test('any bytes are read or refused, and none outside the bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, hasCookie) => {
        if (hasCookie && bytes.length >= 8)
          bytes.set([bytes[0]! & 0x3f, bytes[1]!, 0, bytes[3]! & 0x7f, 0x21, 0x12, 0xa4, 0x42]);
        const padded = Uint8Array.of(1, 2, ...bytes, 0, 1, 0, 0);
        expect(decodeStun(padded, 2, 2 + bytes.length)).toEqual(decodeStun(bytes, 0, bytes.length));
      }),
      { numRuns: 2000 },
    );
  });
});

describe.skipIf(!hasSharedData || !hasProgram('tshark'))(
  'type and attributes of every datagram are those of tshark',
  () => {
    test.each([
      ['whatsapp_login_call.pcap', 100],
      ['wa_voice.pcap', 60],
      ['stun.pcap', 100],
      ['viber.pcap', 10],
    ])('%s', (file, least) => {
      const output = execFileSync(
        'tshark',
        [
          ...['-r', sharedData(`captures/ndpi/${file}`), '-Y', 'udp && (stun || classicstun) && !icmp', '-T', 'fields'],
          ...['udp.payload', 'stun.type', 'stun.attribute', 'classicstun.type', 'classicstun.att.type'].flatMap(
            (field) => ['-e', field],
          ),
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      let compared = 0;
      for (const line of output.split('\n').filter((text) => text !== '')) {
        const [payload, type, attributes, classicType, classicAttributes] = line.split('\t') as [
          string,
          string,
          string,
          string,
          string,
        ];
        // ChannelData is of TURN, and none of STUN.
        if (type === '' && classicType === '') continue;
        const bytes = bytesOf(payload);
        const message = decodeStun(bytes, 0, bytes.length);
        const isClassic = type === '';
        expect(message?.isClassic, payload).toBe(isClassic);
        const told = (isClassic ? classicAttributes : attributes).split(',').filter((text) => text !== '');
        // tshark tells attributes up to the first that it does not know, or that is not padded.
        expect(message!.attributes.slice(0, told.length)).toEqual(told.map(Number));
        compared++;
      }
      expect(compared).toBeGreaterThanOrEqual(least);
    });
  },
);
