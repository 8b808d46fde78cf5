import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { SynSignatures } from './syn-signature.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

const interner = new Interner();
const signatures = new SynSignatures(interner);

/** The signature of a packet that begins with its IP header. */
const read = (packet: Uint8Array, end = packet.length, payloadBytes = 0): string => {
  const transportAt = packet[0]! >> 4 === 6 ? 40 : (packet[0]! & 15) << 2;
  return interner.text(signatures.code(packet, 0, transportAt, end, payloadBytes));
};

interface Parts {
  readonly ttl?: number;
  readonly window?: number;
  readonly options?: string;
  /** Of the IP header: identification and flags. */
  readonly fragment?: string;
  /** Sequence and acknowledgement numbers; data offset and flags without the length; urgent pointer. */
  readonly numbers?: string;
  readonly flags?: number;
  readonly urgent?: number;
}

const ipv4 = (parts: Parts): Buffer => {
  const { ttl = 64, window = 65_535, options = '', fragment = '1234 4000' } = parts;
  const { numbers = '11111111 00000000', flags = 0x02, urgent = 0 } = parts;
  const header = hex(`4500 0000 ${fragment} ${ttl.toString(16).padStart(2, '0')}06 0000 c0000201 c6336407`);
  const tcp = hex(`9c40 01bb ${numbers} 0000 0000 0000 0000 ${options}`);
  tcp.writeUInt16BE(((tcp.length / 4) << 12) | flags, 12);
  tcp.writeUInt16BE(window, 14);
  tcp.writeUInt16BE(urgent, 18);
  return Buffer.concat([header, tcp]);
};

const linux = '020405b4 0402 080a 00000001 00000000 01 030307';
const apple = '020405b4 01 030306 01 01 080a 00000001 00000000 0402 0000';

describe('a SYN of', () => {
  test.each([
    ['Linux 4.20', ipv4({ window: 64_240, options: linux }), '4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0'],
    [
      'an iPhone, some hops away',
      ipv4({ ttl: 53, options: apple, fragment: '0000 4000', flags: 0xc2 }),
      '4:64:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0',
    ],
    [
      'Windows 7',
      ipv4({ ttl: 113, window: 8192, options: '020405b4 01 030308 01 01 0402' }),
      '4:128:0:1460:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0',
    ],
    ['a scanner', ipv4({ ttl: 43, window: 1024, options: '020405b4' }), '4:64:0:1460:1024,0:mss:df,id+:0'],
    [
      'IPv6',
      hex(`6001 2345 0028 06 40 ${'00'.repeat(32)} 9c40 01bb 11111111 00000000 a002 7080 0000 0000
           020405a0 0402 080a 00000001 00000000 01 030307`),
      '6:64:0:1440:mss*20,7:mss,sok,ts,nop,ws:flow:0',
    ],
  ])('%s', (_, packet, signature) => {
    expect(read(packet)).toBe(signature);
  });
});

describe('quirks', () => {
  test.each<readonly [string, Parts, string]>([
    ['no DF, no identification', { fragment: '0000 0000' }, 'id-'],
    ['an identification without DF is nothing special', { fragment: '1234 0000' }, ''],
    ['the reserved bit', { fragment: '0000 c000' }, 'df,0+'],
    ['sequence number 0', { numbers: '00000000 00000000' }, 'df,id+,seq-'],
    ['an acknowledgement that is none', { numbers: '11111111 00000001' }, 'df,id+,ack+'],
    ['an urgent pointer that points nowhere', { urgent: 1 }, 'df,id+,uptr+'],
    ['urgent and pushed', { flags: 0x2a, urgent: 1 }, 'df,id+,urgf+,pushf+'],
    ['timestamps: own 0, echo not 0', { options: '080a 00000000 00000001 0101' }, 'df,id+,ts1-,ts2+'],
    ['bytes behind the end', { options: '00 010203' }, 'df,id+,opt+'],
    ['a shift that may not be', { options: '03030f 01' }, 'df,id+,exws'],
    ['an option that is too long', { options: '0105 0000' }, 'df,id+,bad'],
    ['an option of wrong length', { options: '0203 05 01' }, 'df,id+,bad'],
    ['an option of no length', { options: '01010108' }, 'df,id+,bad'],
  ])('%s', (_, parts, quirks) => {
    expect(read(ipv4(parts)).split(':')[6]).toBe(quirks);
  });
});

test('the layout names every option, also those that it does not know', () => {
  const layout = (options: string): string => read(ipv4({ options })).split(':')[5]!;
  expect(layout('')).toBe('');
  expect(layout('050a 0000000000000000 0101')).toBe('sack,nop,nop');
  expect(layout('2202 1e040081 00 0000000000')).toBe('?34,?30,eol+5');
});

test('a window is told in segments or packets where it is a multiple of them', () => {
  const window = (size: number, options: string): string => read(ipv4({ window: size, options })).split(':')[4]!;
  expect(window(14_000, '02040578 0402 080a 00000001 00000000 01 030306')).toBe('mss*10,6');
  // Segments that hold a timestamp too, or as large as Ethernet's whatever the option says.
  expect(window(2896, linux)).toBe('mss*2,7');
  expect(window(5840, '02040578')).toBe('mss*4,0');
  expect(window(4320, '02040578')).toBe('mtu*3,0');
  expect(window(8192, '020405b4')).toBe('8192,0');
  expect(window(0, '020405b4')).toBe('0,0');
  // One byte is no unit.
  expect(window(1000, '02040001')).toBe('1000,0');
});

test('payload in a SYN, IP options and extension headers are told', () => {
  expect(read(ipv4({}), undefined, 5).endsWith(':+')).toBe(true);
  const packet = Buffer.concat([hex('46000000 12344000 40060000 c0000201 c6336407 94040000'), ipv4({}).subarray(20)]);
  expect(read(packet)).toBe('4:64:4:0:65535,0::df,id+:0');
});

test('options that were not captured whole have no signature', () => {
  const packet = ipv4({ options: linux });
  expect(read(packet, packet.length - 1)).toBe('');
  expect(read(packet, packet.length)).not.toBe('');
});

test('timestamps, ports and numbers make no new text', () => {
  const one = ipv4({ options: linux });
  const other = ipv4({ options: linux.replace('00000001', '7fffffff'), numbers: '22222222 00000000', ttl: 60 });
  const before = interner.size;
  expect(read(other)).toBe(read(one));
  expect(interner.size).toBeLessThanOrEqual(before + 1);
});

/** Headers of any content with a data offset that fits, and what lies behind them in the buffer. */
const anySyn = fc
  .record({
    head: fc.uint8Array({ minLength: 40, maxLength: 40 }),
    options: fc.uint8Array({ maxLength: 40 }),
    // Options as they are, so that not all of them are broken from the first byte.
    known: fc.array(fc.constantFrom('01', '00', '0402', '020405b4', '030307', '080a0000000100000000', '05'), {
      maxLength: 6,
    }),
    behind: fc.uint8Array({ minLength: 4, maxLength: 60 }),
  })
  .map(({ head, options, known, behind }) => {
    const text = Buffer.concat([hex(known.join('')), options]).subarray(0, 40);
    const whole = text.subarray(0, text.length & ~3);
    const packet = Buffer.concat([head, whole]);
    packet[0] = 0x45;
    packet[32] = (((20 + whole.length) / 4) << 4) | (packet[32]! & 15);
    return { packet, behind };
  });

describe('whatever the bytes', () => {
  test('the signature is of the documented form, and its quirks are in their order', () => {
    fc.assert(
      fc.property(anySyn, ({ packet }) => {
        expect(read(packet)).toMatch(
          /^4:(32|64|128|255):0:\d+:(\d+|(mss|mtu)\*\d+),\d+:([a-z?0-9+,]*):((df|id\+|id-|ecn|0\+|seq-|ack\+|uptr\+|urgf\+|pushf\+|ts1-|ts2\+|opt\+|exws|bad)(,|(?=:)))*:0$/,
        );
      }),
    );
  });

  test('what is remembered is what a new reader says, and what lies behind the packet does not count', () => {
    fc.assert(
      fc.property(fc.array(anySyn, { minLength: 1, maxLength: 30 }), (syns) => {
        for (const { packet, behind } of [...syns, ...syns]) {
          const fresh = new SynSignatures(interner);
          const code = fresh.code(packet, 0, 20, packet.length, 0);
          expect(signatures.code(Buffer.concat([packet, behind]), 0, 20, packet.length, 0)).toBe(code);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('after the interner was reset the texts are made anew', () => {
  const own = new Interner();
  const reader = new SynSignatures(own);
  const packet = ipv4({ options: linux });
  reader.code(packet, 0, 20, packet.length, 0);
  own.reset();
  reader.forget();
  own.code('another');
  expect(own.text(reader.code(packet, 0, 20, packet.length, 0))).toBe('4:64:0:1460:65535,7:mss,sok,ts,nop,ws:df,id+:0');
});
