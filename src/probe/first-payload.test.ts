import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { Random } from '../kit/random.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Frame } from '../synth/frame.ts';
import { toHttpRequest } from '../synth/http-message.ts';
import { literal } from '../synth/payload.ts';
import { toClientHello } from '../synth/tls-handshake.ts';

const { SYN, ACK, FIN } = TcpFlag;
const T = Date.UTC(2014, 1, 22, 18) * 1000;
const CLIENT_ISN = 0xffffff00;
const SERVER_ISN = 5000;
const builder = between(end('10.0.0.1', 40_000), end('198.51.100.7', 443));

const syn = builder.tcp(T, 'up', { sequence: CLIENT_ISN, acknowledgment: 0, flags: SYN, window: 100 });
const synAck = builder.tcp(T + 10, 'down', {
  sequence: SERVER_ISN,
  acknowledgment: CLIENT_ISN + 1,
  flags: SYN | ACK,
  window: 100,
});
const ack = builder.tcp(T + 20, 'up', {
  sequence: CLIENT_ISN + 1,
  acknowledgment: SERVER_ISN + 1,
  flags: ACK,
  window: 100,
});
const handshake = [syn, synAck, ack];
const reset = builder.tcp(T + 900, 'up', {
  sequence: CLIENT_ISN + 1,
  acknowledgment: 0,
  flags: TcpFlag.RST,
  window: 0,
});

/** The bytes [from, to) of what the client sends. */
const piece = (content: Uint8Array, from: number, to = content.length, flags: number = ACK): Frame =>
  builder.tcp(
    T + 100,
    'up',
    { sequence: CLIENT_ISN + 1 + from, acknowledgment: SERVER_ISN + 1, flags, window: 100 },
    literal(content),
    from,
    to - from,
  );

const hello = toClientHello({ serverName: 'mmi777.whatsapp.net', alpn: ['h2', 'http/1.1'] }, new Random(1));
const longHello = toClientHello({ serverName: 'long.example', echBytes: 3000 }, new Random(1));
const cuts = (content: Uint8Array, size: number): Frame[] =>
  Array.from({ length: Math.ceil(content.length / size) }, (_, i) =>
    piece(content, i * size, Math.min((i + 1) * size, content.length)),
  );

const read = (...frames: Frame[]) => {
  const recording = new RecordingProbe().play(...frames);
  const early = [...recording.names];
  const [flow] = recording.finish().flows;
  return { early, names: recording.names, sni: flow!.tls_sni, alpn: flow!.alpn, host: flow!.http_host };
};
const named = {
  early: ['sni mmi777.whatsapp.net'],
  names: ['sni mmi777.whatsapp.net'],
  sni: 'mmi777.whatsapp.net',
  alpn: ['h2', 'http/1.1'],
  host: '',
};
const unnamed = { early: [], names: [], sni: '', alpn: [], host: '' };

describe('the server name of a ClientHello', () => {
  test.each([
    ['in one segment', [...handshake, piece(hello, 0)]],
    ['in a connection whose handshake was not seen', [piece(hello, 0)]],
    ['in segments of 60 bytes', [...handshake, ...cuts(hello, 60)]],
    ['in segments of 60 bytes, last first', [...handshake, ...cuts(hello, 60).reverse()]],
    ['... and of the handshake only the SYN was seen', [syn, ...cuts(hello, 60).reverse()]],
    ['... and only the SYN/ACK was seen', [synAck, ...cuts(hello, 60).reverse()]],
    ['... and nothing was seen of it, in order', cuts(hello, 60)],
    [
      'in segments that repeat and overlap',
      [...handshake, piece(hello, 0, 90), piece(hello, 0, 90), piece(hello, 30, 120), piece(hello, 100)],
    ],
    [
      'with the first byte alone, and the second',
      [...handshake, piece(hello, 0, 1), piece(hello, 1, 2), piece(hello, 2)],
    ],
    ['behind the FIN of the client', [...handshake, piece(hello, 60, hello.length, ACK | FIN), piece(hello, 0, 60)]],
  ])('%s', (_, frames) => {
    expect(read(...frames)).toEqual(named);
  });

  test('in the SYN itself, as TCP Fast Open sends it', () => {
    const fast = builder.tcp(
      T,
      'up',
      { sequence: CLIENT_ISN, acknowledgment: 0, flags: SYN, window: 100 },
      literal(hello),
      0,
      hello.length,
    );
    expect(read(fast)).toEqual(named);
    const half = builder.tcp(
      T,
      'up',
      { sequence: CLIENT_ISN, acknowledgment: 0, flags: SYN, window: 100 },
      literal(hello),
      0,
      50,
    );
    expect(read(half, synAck, piece(hello, 50))).toEqual(named);
    // A server that does not take it acknowledges the SYN alone, and the client sends the data again.
    expect(read(half, synAck, piece(hello, 0))).toEqual(named);
  });

  test('longer than a segment, in any order', () => {
    const frames = cuts(longHello, 1380);
    expect(frames.length).toBeGreaterThan(2);
    expect(read(...handshake, ...frames).sni).toBe('long.example');
    expect(read(...handshake, frames[2]!, frames[0]!, frames[1]!).sni).toBe('long.example');
  });

  test('of which the rest never came is told as far as it goes when the flow ends', () => {
    expect(read(...handshake, piece(longHello, 0, 200))).toEqual({
      early: [],
      names: ['sni long.example'],
      sni: 'long.example',
      alpn: [],
      host: '',
    });
  });

  test('that the capture cut is told as far as it goes', () => {
    const frame = piece(longHello, 0);
    const cut = { ...frame, bytes: frame.bytes.subarray(0, 14 + 40 + 200) };
    expect(read(...handshake, cut)).toMatchObject({ early: ['sni long.example'], sni: 'long.example' });
    expect(read(...handshake, { ...frame, bytes: frame.bytes.subarray(0, 14 + 40) })).toEqual(unnamed);
  });

  test('is not looked for behind a first payload of another kind, nor in what the server sends', () => {
    const greeting = Uint8Array.of(0x57, 0x41, 1, 5);
    expect(read(...handshake, piece(greeting, 0), piece(Buffer.concat([greeting, hello]), 4))).toEqual(unnamed);
    const down = builder.tcp(
      T + 100,
      'down',
      { sequence: SERVER_ISN + 1, acknowledgment: 0, flags: ACK, window: 1 },
      literal(hello),
      0,
      hello.length,
    );
    expect(read(...handshake, down)).toEqual(unnamed);
    // A server that speaks first does not matter.
    expect(read(...handshake, down, piece(hello, 0))).toEqual(named);
  });

  test('cut at random and mixed is found all the same', () => {
    const mixed = fc.array(fc.nat(hello.length - 1), { minLength: 1, maxLength: 12 }).chain((positions) => {
      const bounds = [...new Set([0, ...positions, hello.length])].sort((a, b) => a - b);
      const frames = bounds.slice(1).map((to, i) => piece(hello, bounds[i]!, to));
      return fc.shuffledSubarray(frames, { minLength: frames.length });
    });
    fc.assert(
      fc.property(mixed, (frames) => {
        expect(read(...handshake, ...frames)).toEqual(named);
      }),
      { numRuns: 300 },
    );
  });
});

describe('HTTP', () => {
  const request = toHttpRequest('www.plain.example', '/', 'test/1.0');
  const connect = Buffer.from('CONNECT proxied.example:443 HTTP/1.1\r\nHost: proxied.example:443\r\n\r\n');

  test('the host of a request, whole or in pieces', () => {
    const expected = {
      ...unnamed,
      early: ['http www.plain.example'],
      names: ['http www.plain.example'],
      host: 'www.plain.example',
    };
    expect(read(...handshake, piece(request, 0))).toEqual(expected);
    expect(read(...handshake, ...cuts(request, 7).reverse())).toEqual(expected);
  });

  test.each([
    ['in one segment', () => [piece(Buffer.concat([connect, hello]), 0)]],
    ['in two', () => [piece(connect, 0), piece(Buffer.concat([connect, hello]), connect.length)]],
    ['in pieces', () => cuts(Buffer.concat([connect, hello]), 33)],
    ['in pieces, last first', () => cuts(Buffer.concat([connect, hello]), 33).reverse()],
  ])('a CONNECT and the hello in its tunnel, %s', (_, frames) => {
    expect(read(...handshake, ...frames())).toMatchObject({
      names: ['http proxied.example', 'sni mmi777.whatsapp.net'],
      sni: 'mmi777.whatsapp.net',
      host: 'proxied.example',
    });
  });

  test('the first request names the flow, whatever a proxy is asked later', () => {
    const more = Buffer.concat([connect, Buffer.from('CONNECT other.example:443 HTTP/1.1\r\n\r\n'), hello]);
    expect(read(...handshake, piece(more, 0))).toMatchObject({
      names: ['http proxied.example'],
      host: 'proxied.example',
      sni: '',
    });
  });
});

describe('bounds', () => {
  test('a hello that comes byte by byte is given up, at no more cost than it is worth', () => {
    // One byte of a long hello in each record.
    const start = [1, 0, 0x40, 0];
    const records = Buffer.concat(Array.from({ length: 5000 }, (_, i) => Buffer.from([22, 3, 1, 0, 1, start[i] ?? 3])));
    const startedAt = performance.now();
    const recording = new RecordingProbe().play(...handshake);
    for (let i = 0; i < records.length; i++) recording.play(piece(records, i, i + 1));
    expect(recording.finish().names).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('a segment that never came is waited for until too much stands behind it', () => {
    const content = Buffer.concat([longHello, Buffer.alloc(200_000)]);
    const frames = cuts(content, 1000);
    const recording = new RecordingProbe().play(...handshake, frames[0]!, ...frames.slice(2));
    expect(recording.names).toEqual(['sni long.example']);
  });

  test('many connections that never finish their hello are given up all at once, and later ones are read', () => {
    const recording = new RecordingProbe();
    const names = new Set<string>();
    recording.closed = () => {};
    recording.named = (_flow, _kind, name) => {
      names.add(recording.interner.text(name));
    };
    const { bytes, length } = piece(hello, 0, 30);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 70_000; i++) {
      view.setUint32(26, 0x0a010000 + i);
      recording.play({ at: T, bytes, length });
    }
    expect(recording.probe.flows.size).toBe(70_000);
    recording.play(...handshake, ...cuts(hello, 60));
    expect([...names]).toEqual(['mmi777.whatsapp.net']);
  });
});

test('a connection that is reset before its name is whole ends with what is known', () => {
  const [flow] = new RecordingProbe().play(...handshake, piece(longHello, 0, 200), reset).finish().flows;
  expect(flow).toMatchObject({ tls_sni: 'long.example', end_reason: 'rst' });
});

test('a protocol name that holds the separator of the record is one protocol', () => {
  const odd = toClientHello({ serverName: 'odd.example', alpn: ['a b', 'c,d'] }, new Random(1));
  expect(read(...handshake, piece(odd, 0)).alpn).toEqual(['a\\032b', 'c,d']);
});

describe('a first payload that shows no name', () => {
  const payloads = (...frames: Frame[]): string[] => new RecordingProbe().play(...frames).finish().payloads;
  const chat = Buffer.from('WA\x01\x05chat', 'latin1');

  test('is told once, put together if need be', () => {
    expect(payloads(...handshake, piece(chat, 0), piece(Buffer.from('more'), 0))).toEqual(['WA\x01\x05chat']);
    expect(payloads(...handshake, piece(chat, 4), piece(chat, 0, 4))).toEqual(['WA\x01\x05chat']);
    expect(payloads(piece(chat, 0))).toEqual(['WA\x01\x05chat']);
  });

  test('is not told of TLS, of HTTP, and of what a proxy carries', () => {
    expect(payloads(...handshake, piece(hello, 0))).toEqual([]);
    expect(payloads(...handshake, piece(toHttpRequest('a.example', '/', 'x'), 0))).toEqual([]);
    const connect = Buffer.from('CONNECT a.example:443 HTTP/1.1\r\n\r\nWA\x01\x05', 'latin1');
    expect(payloads(...handshake, piece(connect, 0))).toEqual([]);
  });

  test('of UDP is the first datagram of the client, whoever began', () => {
    const over = between(end('10.0.0.1', 40_000), end('198.51.100.7', 3478));
    const datagram = (text: string, up: boolean): Frame => over.udp(T, up ? 'up' : 'down', Buffer.from(text));
    expect(payloads(datagram('first', true), datagram('second', true))).toEqual(['first']);
    expect(payloads(datagram('theirs', false), datagram('ours', true))).toEqual(['ours']);
  });

  test('of DNS is not told', () => {
    const over = between(end('10.0.0.1', 40_000), end('198.51.100.7', 53));
    expect(payloads(over.udp(T, 'up', Buffer.from('no DNS')))).toEqual([]);
  });
});
