/** Tickets do not tell that their maker was put aside and taken up again, between whichever packets. */
import { describe, expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { SessionColumns } from '../imports/session-columns.ts';
import { Random } from '../kit/random.ts';
import { DAY } from '../kit/time.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import { nobody } from '../packet/subscriber.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import type { Frame } from '../synth/frame.ts';
import { controlFrame, type GtpSession, tunnelFrame } from '../synth/gtp.ts';
import { createPdpRequest, createPdpResponse, updatePdpRequest, updatePdpResponse } from '../synth/gtp-v1.ts';
import { literal, opaque } from '../synth/payload.ts';
import { plantedWhatsApp } from '../synth/planted-whatsapp.ts';
import { quicConnection } from '../synth/quic-connection.ts';
import { accountingRequest } from '../synth/radius-accounting.ts';
import { toClientHello } from '../synth/tls-handshake.ts';
import { decodeState, encodeState } from './checkpoint-codec.ts';
import { checkpointLayout } from './checkpoint-layout.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

type Tables = Record<string, Row[]>;

const take = (tickets: LabelledTickets, tables: Tables): void => {
  for (const batch of tickets.sealed.splice(0)) {
    tables[batch.table] ??= [];
    tables[batch.table]!.push(...rowsOf(batch));
  }
};

/** The tickets in another process, as it were: through bytes. */
const takenUp = (tickets: LabelledTickets, options: LabelOptions): LabelledTickets => {
  const { skeleton, large } = encodeState(tickets.checkpoint());
  const other = new LabelledTickets(options);
  const state = decodeState({ skeleton, large: large.map((bytes) => bytes.slice().buffer as ArrayBuffer) });
  other.restore(state as ReturnType<LabelledTickets['checkpoint']>);
  return other;
};

/** The rows that the frames give, put aside before those at which `isCut` says so; each table in an order of its own. */
const rowsOfFrames = (
  frames: Iterable<Frame>,
  isCut: () => boolean,
  more: Partial<LabelOptions> = {},
): { readonly tables: Tables; readonly cuts: number } => {
  const options = { ...testOptions, ...more };
  let tickets = new LabelledTickets(options);
  const tables: Tables = {};
  let cuts = 0;
  for (const { at, bytes, length } of frames) {
    if (isCut()) {
      cuts++;
      const next = takenUp(tickets, options);
      take(tickets, tables);
      tickets = next;
    }
    tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    take(tickets, tables);
  }
  tickets.finish();
  take(tickets, tables);
  for (const [name, rows] of Object.entries(tables)) {
    tables[name] = rows
      .map((row) => [JSON.stringify(row), row] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
  }
  return { tables, cuts };
};

const never = (): boolean => false;
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

describe(`any cuts give the same rows, seed ${seed}`, () => {
  const scene = (i: number): Iterable<Frame> => plantedWhatsApp({ seed: seed + i, clients: 3, hours: 1 }).frames;

  test.each([0, 1, 2, 3])('a planted scene cut at random places, run %i', (i) => {
    const random = new Random(seed).fork(i);
    const whole = rowsOfFrames(scene(i), never);
    const cut = rowsOfFrames(scene(i), () => random.chance(0.003));
    expect(cut.cuts).toBeGreaterThan(5);
    expect(whole.tables.flows!.length).toBeGreaterThan(100);
    expect(cut.tables).toEqual(whole.tables);
  });

  test('and where the flow table is full, so that who is evicted hangs on its order', () => {
    const random = new Random(seed).fork(100);
    const options = { maxFlows: 8 };
    const whole = rowsOfFrames(scene(9), never, options);
    const cut = rowsOfFrames(scene(9), () => random.chance(0.003), options);
    expect(whole.tables.flows!.filter((row) => row.end_reason === 'evicted').length).toBeGreaterThan(20);
    expect(cut.tables).toEqual(whole.tables);
  });

  test('and with names in segments out of order, unanswered questions, packets of broken clocks, cut at every packet', () => {
    const random = new Random(seed).fork(200);
    const M = Date.UTC(2014, 1, 22, 18) * 1000;
    const header = (flags: number, sequence: number) => ({ sequence, acknowledgment: 0, flags, window: 1 });
    const frames: Frame[] = [];
    for (let i = 0; i < 60; i++) {
      const over = between(
        end(i % 2 ? `10.0.0.${1 + (i % 9)}` : `2001:db8::${i % 9}`, 40_000 + i),
        end(i % 2 ? '31.13.93.53' : '2001:db8:f::1', 443),
      );
      const hello = toClientHello({ serverName: `mmi${i}.whatsapp.net` }, new Random(i));
      const at = M + i * 2_000_000;
      frames.push(over.tcp(at, 'up', header(TcpFlag.SYN, 0)));
      const pieces = [0, 40, 90, hello.length].map((from) => Math.min(from, hello.length));
      const segments = [0, 1, 2].map((k) =>
        over.tcp(
          at + 10 * k,
          'up',
          header(TcpFlag.ACK, 1 + pieces[k]!),
          literal(hello),
          pieces[k]!,
          pieces[k + 1]! - pieces[k]!,
        ),
      );
      frames.push(...segments.sort(() => random.unit() - 0.5));
      if (i % 7 === 0) frames.push({ ...frames.at(-1)!, at: at + 40 * DAY });
      // The same ports again within the microsecond.
      if (i % 5 === 0) {
        frames.push(over.tcp(at + 30, 'up', header(TcpFlag.RST, 200)));
        for (let k = 0; k < 3; k++) {
          frames.push(over.tcp(at + 30, 'up', header(TcpFlag.SYN, 1000 * k + 300)));
          frames.push(over.tcp(at + 30, 'up', header(TcpFlag.RST, 1000 * k + 301)));
        }
      }
      if (i % 3 === 0) {
        const question = toDnsMessage({ id: i, name: `${i}.example`, type: 'A' });
        frames.push(between(end('10.0.0.1', 5000), end('10.0.0.53', 53)).udp(at + 40, 'up', question));
      }
    }
    // Two packets a day ahead are believed, unlike one.
    for (const k of [1, 2, 3]) frames.push({ ...frames.at(-1)!, at: M + 50 * DAY + k });
    expect(rowsOfFrames(frames, () => true).tables).toEqual(rowsOfFrames(frames, never).tables);
  });

  test('and with QUIC, its hello over several datagrams, and its spin bit, cut at every packet of the handshake', () => {
    const { frames } = quicConnection({
      path: { client: end('10.0.0.1', 40_000), server: end('31.13.93.53', 443), clientTtl: 63, serverTtl: 52 },
      at: Date.UTC(2023, 1, 22, 18) * 1000,
      serverRttUs: 20_000,
      clientRttUs: 30_000,
      hello: { serverName: 'mmi777.whatsapp.net', alpn: ['h3'] },
      helloBytes: 40,
      turns: [{ direction: 'down', payload: opaque(500_000), bytesPerSecond: 1_000_000 }],
      random: new Random(seed),
    });
    const list = [...{ [Symbol.iterator]: () => frames }];
    const whole = rowsOfFrames(list, never).tables;
    expect(whole.flows).toMatchObject([{ tls_sni: 'mmi777.whatsapp.net', quic_version: '1', server_rtt_us: 20_000 }]);
    expect(whole.flows![0]!.client_rtt_samples).toBeGreaterThan(5);
    let packets = 0;
    expect(rowsOfFrames(list, () => packets++ < 12 || packets % 20 === 0).tables).toEqual(whole);
  });
});

test('sessions go on, and what was asked for is still waited for', () => {
  const M = Date.UTC(2014, 1, 22, 18) * 1000;
  const session = (i: number): GtpSession => ({
    imsi: `23201000000000${i}`,
    apn: 'internet',
    bearer: 5,
    ipv4: `10.1.0.${i % 3}`,
    ipv6: `2001:db8:1:${i % 4}::1`,
    accessNode: '192.0.2.1',
    networkNode: '192.0.2.9',
    upTeid: 0x1000 + i,
    downTeid: 0x2000 + i,
    upControlTeid: 0x5000 + i,
    downControlTeid: 0x6000 + i,
  });
  const frames: Frame[] = [];
  for (let i = 0; i < 9; i++) {
    const at = M + i * 1e6;
    const phone = session(i);
    const moved = { ...phone, accessNode: '192.0.2.2', downTeid: 0x3000 + i };
    const over = between(end(phone.ipv4!, 5000 + i), end('198.51.100.7', 7));
    const start = accountingRequest('start', i, {
      sessionId: `${i}`,
      nas: '192.0.2.30',
      imsi: phone.imsi,
      ipv4: phone.ipv4!,
    });
    frames.push(
      between(end('192.0.2.30', 5000), end('192.0.2.31', 1813)).udp(at, 'up', start),
      controlFrame(phone, at + 1, 'up', createPdpRequest(i, phone)),
      tunnelFrame(phone, 'down', over.udp(at + 2, 'down', new Uint8Array(1))),
      controlFrame(phone, at + 3, 'down', createPdpResponse(i, phone)),
      tunnelFrame(phone, 'up', over.udp(at + 4, 'up', new Uint8Array(1))),
      controlFrame(moved, at + 5, 'up', updatePdpRequest(100 + i, moved)),
      tunnelFrame(
        moved,
        'down',
        between(end(phone.ipv4!, 6000 + i), end('198.51.100.7', 7)).udp(at + 6, 'down', new Uint8Array(1)),
      ),
    );
    if (i % 2 === 0) frames.push(controlFrame(moved, at + 7, 'down', updatePdpResponse(100 + i, moved)));
  }
  frames.push({ ...frames.at(-1)!, at: M + 100e6 });
  const whole = rowsOfFrames(frames, never).tables;
  expect(whole.sessions!.length).toBeGreaterThan(20);
  expect(rowsOfFrames(frames, () => true).tables).toEqual(whole);
});

test('a feed is given again after a cut: what stands then stands, what is over is not told again', () => {
  const M = Date.UTC(2014, 1, 22, 18) * 1000;
  const feed = new SessionColumns();
  for (const [imsi, from, until] of [
    ['232010000000001', M - 5e6, M + 2e6],
    ['232010000000002', M + 2e6, M + 4e6],
    ['232010000000003', M + 5e6, Number.POSITIVE_INFINITY],
  ] as const) {
    feed.add({ ...nobody, imsi, from, until, ipv4: Uint8Array.of(10, 0, 0, 1) });
  }
  feed.finish();
  const frames = [0, 1, 2, 3, 4, 5, 6].map((i) =>
    between(end('10.0.0.1', 5000 + i), end('198.51.100.7', 7)).udp(M + i * 1e6, 'up', new Uint8Array(1)),
  );
  const whole = rowsOfFrames(frames, never, { sessionFeed: feed }).tables;
  expect(new Set(whole.flows!.map(({ client }) => client)).size).toBe(4);
  expect(rowsOfFrames(frames, () => true, { sessionFeed: feed }).tables).toEqual(whole);
});

test('labels go on as they were under the same rules, and are looked up anew under others', () => {
  const M = Date.UTC(2014, 1, 22, 18) * 1000;
  const over = between(end('10.0.0.1', 40_000), end('31.13.93.53', 443));
  const hello = toClientHello({ serverName: 'mmi777.whatsapp.net' }, new Random(1));
  const tickets = new LabelledTickets(testOptions);
  const { at, bytes, length } = over.tcp(
    M,
    'up',
    { sequence: 1, acknowledgment: 0, flags: TcpFlag.ACK, window: 1 },
    literal(hello),
    0,
    hello.length,
  );
  tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
  const rowUnder = (catalog: LabelOptions['catalog']): Row => {
    const other = takenUp(tickets, { ...testOptions, catalog });
    const tables: Tables = {};
    other.finish();
    take(other, tables);
    return tables.flows![0]!;
  };
  expect(rowUnder(testOptions.catalog)).toMatchObject({ service: 'whatsapp', class: 'image' });
  const none = new (testOptions.catalog.constructor as new (files: []) => LabelOptions['catalog'])([]);
  expect(rowUnder(none)).toMatchObject({ fqdn: 'mmi777.whatsapp.net', service: '', class: '' });
});

test('the layout is the same in every process of a program, and not empty', () => {
  expect(checkpointLayout(testOptions)).toMatch(/^[0-9a-f]{16}$/);
  expect(checkpointLayout({ ...testOptions, maxFlows: 5, source: 'x' })).toBe(checkpointLayout(testOptions));
});
