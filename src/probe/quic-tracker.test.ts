import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, end, type ProbeRow, RecordingProbe } from '../../test/recording-probe.ts';
import { Random } from '../kit/random.ts';
import { SECOND } from '../kit/time.ts';
import { clientInitials } from '../packet/quic-vectors.test-helper.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { toQuicHello } from '../synth/quic-connection.ts';
import {
  type InitialPacket,
  QUIC_1,
  QUIC_2,
  toAckFrame,
  toClientInitial,
  toCryptoFrame,
  toOpaqueLong,
  toShortHead,
} from '../synth/quic-packet.ts';

const T = Date.UTC(2023, 1, 22, 18) * 1000;
const builder = between(end('10.0.0.1', 40_000), end('198.51.100.7', 443));
const clientId = Buffer.from('c1c1c1c1', 'hex');
const serverId = Buffer.from('5e5e5e5e5e5e5e5e', 'hex');
const firstId = Buffer.from('8394c8f03e515708', 'hex');

const up = (at: number, ...packets: Uint8Array[]): Frame => builder.udp(T + at, 'up', Buffer.concat(packets));
const down = (at: number, ...packets: Uint8Array[]): Frame => builder.udp(T + at, 'down', Buffer.concat(packets));

const hello = toQuicHello({ serverName: 'media.fra3-1.fna.whatsapp.net', alpn: ['h3'] }, new Random(1));
const longHello = toQuicHello({ serverName: 'long.example', alpn: ['h3'], echBytes: 3000 }, new Random(1));

const initial = (frames: Uint8Array, more: Partial<InitialPacket> = {}): Uint8Array =>
  toClientInitial({ destination: firstId, source: clientId, frames, ...more });
const whole = initial(toCryptoFrame(0, hello));
/** Bytes [from, to) of a hello. */
const piece = (content: Uint8Array, from: number, to: number): Uint8Array =>
  toCryptoFrame(from, content.subarray(from, to));

const random = new Random(2);
const serverFlight = Buffer.concat([
  toOpaqueLong('initial', clientId, serverId, 160, random),
  toOpaqueLong('handshake', clientId, serverId, 1040, random),
]);
const clientHandshake = toOpaqueLong('handshake', serverId, clientId, 100, random);
const ack = (more: Partial<InitialPacket> = {}): Uint8Array =>
  initial(toAckFrame(0), { destination: serverId, firstDestination: firstId, number: 1, ...more });
const short = toShortHead(serverId, 0, 0);
const retry = Buffer.concat([Buffer.from('f00000000104c1c1c1c1085e5e5e5e5e5e5e5e', 'hex'), Buffer.alloc(40, 7)]);
const versionNegotiation = Buffer.from(`8000000000${'04c1c1c1c1'}${'088394c8f03e515708'}6b3343cf`, 'hex');

const read = (...frames: Frame[]): ProbeRow => {
  const recording = new RecordingProbe().play(...frames);
  const early = [...recording.names];
  const [flow] = recording.finish().flows;
  return { ...flow!, early } as ProbeRow;
};
const named = {
  early: ['sni media.fra3-1.fna.whatsapp.net'],
  tls_sni: 'media.fra3-1.fna.whatsapp.net',
  alpn: ['h3'],
  ech_offered: 0,
  quic_version: '1',
};

describe('the server name', () => {
  const pieces = [piece(hello, 50, 90), piece(hello, 0, 50), piece(hello, 90, hello.length)];
  test.each([
    ['in one piece', [up(0, whole)]],
    ['in pieces out of order, of one packet', [up(0, initial(Buffer.concat(pieces)))]],
    [
      'in a packet each, of one datagram',
      [up(0, ...pieces.map((frames, number) => initial(frames, { number, bytes: 300 })))],
    ],
    ['in a datagram each, in any order', pieces.map((frames, number) => up(number, initial(frames, { number })))],
    ['... and repeated', [...pieces, ...pieces].map((frames, number) => up(number, initial(frames, { number })))],
    [
      'behind data that was sent early',
      [up(0, toOpaqueLong('handshake', firstId, clientId, 100, random).fill(0xd1, 0, 1)), up(1, whole)],
    ],
    [
      'that is sent anew behind a Retry',
      [
        up(0, initial(pieces[0]!)),
        down(1, retry),
        up(2, initial(toCryptoFrame(0, hello), { destination: serverId, token: Buffer.alloc(40, 7) })),
      ],
    ],
  ])('%s', (_, frames) => {
    expect(read(...frames)).toMatchObject(named);
  });

  test('of RFC 9001 and RFC 9369', () => {
    expect(read(up(0, clientInitials[1]))).toMatchObject({ tls_sni: 'example.com', alpn: ['alpn'], quic_version: '1' });
    expect(read(up(0, clientInitials[2]))).toMatchObject({ tls_sni: 'example.com', alpn: ['alpn'], quic_version: '2' });
  });

  test('of the version that both ends agree on, in another hello, behind the first one', () => {
    const other = toQuicHello({ serverName: 'other.example', alpn: ['h3'] }, new Random(3));
    const again = initial(toCryptoFrame(0, other), { version: QUIC_2 });
    // The first was not whole: nothing of it is mixed into the second.
    expect(read(up(0, initial(piece(hello, 0, 50))), down(1, versionNegotiation), up(2, again))).toMatchObject({
      tls_sni: 'other.example',
      quic_version: '1',
    });
  });

  test('goes on in another version, which the server chose, with the keys of the first connection id', () => {
    const rest = initial(piece(hello, 50, hello.length), {
      version: QUIC_2,
      destination: serverId,
      firstDestination: firstId,
    });
    expect(read(up(0, initial(piece(hello, 0, 50))), down(1, serverFlight), up(2, rest))).toMatchObject(named);
  });

  test('stands in a hello longer than a datagram', () => {
    const frames = [0, 1100, 2200].map((from, number) =>
      up(number, initial(piece(longHello, from, from + 1100), { number })),
    );
    expect(read(...frames)).toMatchObject({ tls_sni: 'long.example', ech_offered: 1 });
    expect(read(...frames.reverse())).toMatchObject({ tls_sni: 'long.example' });
  });

  test('of which the rest never came is told as far as it goes when the flow ends', () => {
    expect(read(up(0, initial(piece(longHello, 0, 1100))))).toMatchObject({ early: [], tls_sni: 'long.example' });
    expect(read(up(0, initial(piece(longHello, 1100, 2200))))).toMatchObject({
      early: [],
      tls_sni: '',
      quic_version: '1',
    });
  });

  test('is found at any port, and whichever end is local', () => {
    const service = between(end('203.0.113.9', 50_000), end('10.0.0.9', 8999));
    expect(read(service.udp(T, 'up', whole), service.udp(T + 20, 'down', serverFlight))).toMatchObject({
      tls_sni: named.tls_sni,
      client_ip: '10.0.0.9',
      client_rtt_us: 20,
      server_rtt_us: null,
    });
  });

  test('is not read from a packet that the capture cut, of which the version is told', () => {
    const frame = up(0, whole);
    for (const kept of [70, 500, frame.bytes.length - 1]) {
      const cut = { ...frame, bytes: frame.bytes.subarray(0, kept) };
      expect(read(cut)).toMatchObject({ tls_sni: '', quic_version: '1', snaplen_cut: 1 });
    }
    expect(read({ ...frame, bytes: frame.bytes.subarray(0, 14 + 28 + 5) })).toMatchObject({ quic_version: '' });
  });

  test('is not read from packets for another connection id, nor from anything else', () => {
    expect(read(up(0, initial(toCryptoFrame(0, hello), { firstDestination: serverId })))).toMatchObject({
      tls_sni: '',
    });
    expect(read(up(0, Buffer.alloc(1200, 0xc0)))).toMatchObject({ tls_sni: '', quic_version: '' });
    expect(read(up(0, hello))).toMatchObject({ tls_sni: '', quic_version: '' });
    // What a settled flow sends later is not looked at.
    expect(read(up(0, Buffer.alloc(20, 1)), up(1, whole))).toMatchObject({ tls_sni: '', quic_version: '' });
  });

  test('damaged anywhere gives no name, or the name', () => {
    const datagrams = pieces.map((frames, number) => initial(frames, { number }));
    const damage = fc.record({ which: fc.nat(2), at: fc.nat(1199), to: fc.nat(255), cut: fc.nat(1500) });
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 3 }), (damages) => {
        const bytes = datagrams.map((datagram) => Uint8Array.from(datagram));
        for (const { which, at, to } of damages) bytes[which]![at] = to;
        const frames = bytes.map((datagram, i) => {
          const frame = up(i, datagram);
          const { cut } = damages[i] ?? { cut: 1500 };
          return { ...frame, bytes: frame.bytes.subarray(0, Math.max(42, cut)) };
        });
        // A hello of which the end is missing is read as far as it goes: the name stands before its end.
        expect(['', named.tls_sni]).toContain(read(...frames).tls_sni);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the round-trip times of the handshake', () => {
  const times = (...frames: Frame[]) => {
    const { server_rtt_us, client_rtt_us, rtt_source } = read(...frames);
    return [server_rtt_us, client_rtt_us, rtt_source];
  };
  const begun = [up(0, whole), down(20_000, serverFlight)];

  test.each([
    ['a Handshake packet', [up(50_000, clientHandshake)]],
    ['an acknowledgement', [up(50_000, ack())]],
    ['an acknowledgement and a Handshake packet in one datagram', [up(50_000, ack({ bytes: 1000 }), clientHandshake)]],
    ['an acknowledgement behind the second half of the flight', [down(20_010, clientHandshake), up(50_000, ack())]],
  ])('from the first Initial packet to the answer, and from there to %s', (_, frames) => {
    expect(times(...begun, ...frames)).toEqual([20_000, 30_000, 'quic']);
  });

  test('are samples like others, and count in the minute', () => {
    const recording = new RecordingProbe().play(...begun, up(50_000, ack()), up(60 * SECOND, short)).finish();
    expect(recording.flows).toMatchObject([
      { server_rtt_min_us: 20_000, server_rtt_avg_us: 20_000, server_rtt_samples: 1, client_rtt_samples: 1 },
    ]);
    expect(recording.lives.map(({ rttUs }) => rttUs)).toEqual([20_000, null]);
  });

  test('a hello over two datagrams is not sent again; the same one twice is', () => {
    const parts = [initial(piece(hello, 0, 50)), initial(piece(hello, 50, hello.length), { number: 1 })];
    const answer = [down(20_000, serverFlight), up(50_000, ack({ number: 2 }))];
    expect(times(up(0, parts[0]!), up(10, parts[1]!), ...answer)).toEqual([20_000, 30_000, 'quic']);
    expect(times(up(0, parts[0]!), up(10, parts[0]!), up(20, parts[1]!), ...answer)).toEqual([null, 30_000, 'quic']);
    expect(times(up(0, whole), up(300, initial(toCryptoFrame(0, hello), { number: 1 })), ...answer)).toEqual([
      null,
      30_000,
      'quic',
    ]);
    expect(times(up(0, whole), up(300, initial(Uint8Array.of(1), { number: 1 })), ...answer)).toEqual([
      null,
      30_000,
      'quic',
    ]);
  });

  test('an Initial packet that answers nothing was under way, or the answer was lost: what it answers is not told', () => {
    const again = initial(toCryptoFrame(0, hello), { number: 1 });
    expect(times(...begun, up(21_000, again), up(50_000, ack({ number: 2 })))).toEqual([20_000, null, 'quic']);
  });

  test('Retry and version negotiation are answered by the new start', () => {
    const again = initial(toCryptoFrame(0, hello), { destination: serverId });
    expect(times(up(0, whole), down(20_000, retry), up(50_000, again), down(75_000, serverFlight))).toEqual([
      20_000,
      30_000,
      'quic',
    ]);
    expect(
      times(
        up(0, whole),
        down(20_000, versionNegotiation),
        up(50_000, initial(toCryptoFrame(0, hello), { version: QUIC_2 })),
      ),
    ).toEqual([20_000, 30_000, 'quic']);
  });

  test('are told of packets that the capture cut, too', () => {
    const cut = (frame: Frame): Frame => ({ ...frame, bytes: frame.bytes.subarray(0, 100) });
    expect(times(...[...begun, up(50_000, ack({ bytes: 1000 }), clientHandshake)].map(cut))).toEqual([
      20_000,
      null,
      'quic',
    ]);
    expect(times(...[...begun, up(50_000, clientHandshake)].map(cut))).toEqual([20_000, 30_000, 'quic']);
  });

  test('are not told of a handshake whose start was not seen, nor without an answer', () => {
    expect(times(down(0, serverFlight), up(30_000, clientHandshake))).toEqual([null, null, '']);
    expect(times(up(0, clientHandshake), down(30_000, serverFlight))).toEqual([null, null, '']);
    expect(times(up(0, whole))).toEqual([null, null, '']);
  });

  test('packets out of time order give none', () => {
    expect(times(up(0, whole), down(-5, serverFlight), up(50_000, ack()))).toEqual([null, 50_005, 'quic']);
  });
});

describe('a client whose address or port changes', () => {
  const begun = [up(0, whole), down(20_000, serverFlight), up(50_000, clientHandshake)];
  const later = (at: number, server = end('198.51.100.7', 443), id = serverId): Frame =>
    between(end('10.0.0.2', 50_000), server).udp(T + at, 'up', toShortHead(id, 0, 9));
  const flowsOf = (...frames: Frame[]): readonly ProbeRow[] => new RecordingProbe().play(...frames).finish().flows;

  test('keeps the name of its connection, from change to change', () => {
    const third = between(end('10.0.0.3', 50_000), end('198.51.100.7', 443)).udp(T + SECOND, 'up', short);
    const same = { tls_sni: named.tls_sni, alpn: ['h3'], ech_offered: 0, quic_version: '1' };
    expect(flowsOf(...begun, later(60_000), third)).toMatchObject([
      { ...same, client_ip: '10.0.0.1', rtt_source: 'quic' },
      { ...same, client_ip: '10.0.0.2', rtt_source: '', server_rtt_us: null },
      { ...same, client_ip: '10.0.0.3' },
    ]);
  });

  test.each([
    ['another server', [...begun, later(60_000, end('198.51.100.8', 443))]],
    ['another connection id', [...begun, later(60_000, undefined, firstId)]],
    ['a connection whose flow is over', [...begun, later(200 * SECOND)]],
    ['a handshake that nothing answered', [up(0, whole), later(60_000)]],
  ])('is not taken for one of %s', (_, frames) => {
    expect(flowsOf(...frames).at(-1)).toMatchObject({ client_ip: '10.0.0.2', tls_sni: '', quic_version: '' });
  });
});

describe('bounds', () => {
  test('packets that nobody can open are tried so often a second, and honest ones are read again when it is over', () => {
    const recording = new RecordingProbe();
    const frame = up(0, initial(toCryptoFrame(0, hello), { firstDestination: serverId }));
    const fake = (i: number, at: number): Frame => {
      const bytes = Uint8Array.from(frame.bytes);
      new DataView(bytes.buffer).setUint32(26, 0x0a010000 + i);
      return { ...frame, at: T + at, bytes };
    };
    for (let i = 0; i < 6000; i++) recording.play(fake(i, 0));
    recording.play(builder.udp(T, 'up', whole));
    expect(recording.names).toEqual([]);
    recording.play(between(end('10.0.0.2', 1), end('198.51.100.7', 443)).udp(T + SECOND / 2, 'up', whole));
    expect(recording.names).toEqual(['sni media.fra3-1.fna.whatsapp.net']);
  });

  test('a hello that never ends, and a stream without a hello, are given up', () => {
    const endless = (from: number) =>
      initial(toCryptoFrame(from * 1000, Buffer.concat([Buffer.from([1, 0, 0xff, 0, 3]), Buffer.alloc(995)])), {
        number: from,
      });
    const recording = new RecordingProbe();
    for (let i = 0; i < 70; i++) recording.play(up(i, endless(i)));
    recording.play(up(80, whole));
    expect(recording.finish().flows).toMatchObject([{ tls_sni: '', quic_version: '1', up_packets: 71 }]);
    const other = initial(toCryptoFrame(0, Uint8Array.of(2, 0, 0, 0)));
    expect(read(up(0, other), up(1, initial(toCryptoFrame(4, hello), { number: 1 })))).toMatchObject({ tls_sni: '' });
  });

  test('many handshakes that never end are given up, oldest first, and later ones are read', () => {
    const recording = new RecordingProbe();
    recording.closed = () => {};
    const { bytes, length } = up(0, initial(piece(hello, 0, 60)));
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 33_000; i++) {
      view.setUint32(26, 0x0a010000 + i);
      recording.play({ at: T + i, bytes, length });
    }
    expect(recording.probe.flows.size).toBe(33_000);
    // The first 232 flows were told of as far as their hello went, which is not as far as the name.
    expect(recording.names).toEqual([]);
    recording.play(up(33_001, whole));
    expect(recording.names).toEqual(['sni media.fra3-1.fna.whatsapp.net']);
  });
});

test.each<[string, Direction]>([
  ['a client', 'up'],
  ['a server', 'down'],
])('datagrams of any bytes from %s never throw, and each packet is counted', (_, direction) => {
  const start = fc.constantFrom(
    Buffer.alloc(0),
    whole,
    serverFlight,
    retry,
    versionNegotiation,
    short,
    clientHandshake,
  );
  const datagram = fc.tuple(
    start,
    fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 6 }),
    fc.uint8Array({ maxLength: 50 }),
  );
  fc.assert(
    fc.property(fc.array(datagram, { minLength: 1, maxLength: 12 }), (datagrams) => {
      const recording = new RecordingProbe();
      for (const [i, [bytes, changes, more]] of datagrams.entries()) {
        const content = Buffer.concat([bytes, more]);
        for (const [at, to] of changes) if (at < content.length) content[at] = to;
        recording.play(builder.udp(T + i, i % 3 ? direction : 'up', content));
      }
      const [flow] = recording.finish().flows;
      expect((flow!.up_packets as number) + (flow!.down_packets as number)).toBe(datagrams.length);
    }),
    { numRuns: 300 },
  );
});

test('the versions of the planted packets are those that the records name', () => {
  expect(
    [QUIC_1, QUIC_2].map((version) => read(up(0, initial(toCryptoFrame(0, hello), { version }))).quic_version),
  ).toEqual(['1', '2']);
});
