import { describe, expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { Random } from '../kit/random.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import type { Frame, FrameBuilder } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';
import { plantedWhatsApp } from '../synth/planted-whatsapp.ts';
import { toClientHello } from '../synth/tls-handshake.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

const { SYN, RST, ACK } = TcpFlag;
const SECOND = 1e6;
const MINUTE = 60 * SECOND;
/** A full minute. */
const M = Date.UTC(2014, 1, 22, 18) * 1000;
const server = end('184.173.179.37', 443);
const connection = (port: number, client = '10.0.0.1'): FrameBuilder => between(end(client, port), server);

const header = (flags: number, sequence = 1) => ({ sequence, acknowledgment: 0, flags, window: 1 });
const syn = (at: number, over = connection(40_000)): Frame => over.tcp(at, 'up', header(SYN));
const reset = (at: number, over = connection(40_000)): Frame => over.tcp(at, 'up', header(RST, 2));
const greeting = toClientHello({ serverName: 'mmi777.whatsapp.net' }, new Random(1));
/** The client shows its name: an image server of WhatsApp, by the rules. */
const hello = (at: number, over = connection(40_000)): Frame =>
  over.tcp(at, 'up', header(ACK, 2), literal(greeting), 0, greeting.length);
/** A frame of no flow, by which time passes. */
const tick = (at: number): Frame => ({ at, bytes: new Uint8Array(60), length: 60 });
const question = (at: number, id: number, name = 'e7.whatsapp.net'): Frame =>
  between(end('10.0.0.1', 5353 + 1), end('10.255.0.53', 53)).udp(at, 'up', toDnsMessage({ id, name, type: 'A' }));

interface Tables {
  readonly flows: Row[];
  readonly dns: Row[];
  readonly http: Row[];
  readonly bursts: Row[];
  readonly counters: Row[];
}

const take = (tickets: LabelledTickets, tables: Tables): Tables => {
  for (const batch of tickets.sealed.splice(0)) tables[batch.table as keyof Tables].push(...rowsOf(batch));
  return tables;
};

/** The rows that the frames give; with a small `epochSize`, interner and addresses are tidied after every frame. */
const ticketsOf = (frames: Iterable<Frame>, options: Partial<LabelOptions> = {}): Tables => {
  const tickets = new LabelledTickets({ ...testOptions, synIdleUs: 300 * SECOND, ...options });
  const tables: Tables = { flows: [], dns: [], http: [], bursts: [], counters: [] };
  for (const { at, bytes, length } of frames) {
    tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    tickets.tidy();
    take(tickets, tables);
  }
  tickets.finish();
  return take(tickets, tables);
};

/** `minute class: flows opened, packets up`. */
const counted = (...frames: Frame[]): string[] =>
  ticketsOf(frames).counters.map(
    (row) => `${((row.minute_at as number) - M) / MINUTE} ${row.class || '-'}: ${row.flows_opened} ${row.up_packets}`,
  );

describe('a minute is counted under the label known 60 s after its end', () => {
  const until = [tick(M + 60 * SECOND), tick(M + 90 * SECOND - 1)];
  const due = tick(M + 120 * SECOND);

  test('a name that a flow shows 30 s after the minute counts for it', () => {
    expect(counted(syn(M + 59 * SECOND), syn(M + 59 * SECOND), ...until, hello(M + 90 * SECOND), due)).toEqual([
      '0 image: 1 2',
      '1 image: 0 1',
    ]);
  });

  test('a name that it shows once the minute is closed does not', () => {
    const frames = [syn(M + 55 * SECOND), syn(M + 56 * SECOND), ...until, due, hello(M + 121 * SECOND)];
    expect(counted(...frames)).toEqual(['0 -: 1 2', '2 image: 0 1']);
  });

  test('a flow that showed its name and was over meanwhile counts under it', () => {
    const frames = [
      syn(M + 55 * SECOND),
      syn(M + 59 * SECOND),
      ...until.slice(0, 1),
      hello(M + 61 * SECOND),
      reset(M + 62 * SECOND),
    ];
    // Its record is another flow's by the time at which the minute is closed.
    const other = syn(M + 80 * SECOND, connection(40_001));
    expect(counted(...frames, tick(M + 70 * SECOND), other, other, due)).toEqual([
      '0 image: 1 2',
      '1 -: 1 2',
      '1 image: 0 2',
    ]);
  });

  test('a flow that ended in its minute counts once', () => {
    const frames = [syn(M), hello(M + 1), reset(M + 2), tick(M + 10 * SECOND), tick(M + MINUTE), due];
    expect(counted(...frames)).toEqual(['0 image: 1 3']);
  });
});

test('hundreds of flows in a minute, most of them over before its end, are all counted under what they came to be', () => {
  const frames: Frame[] = [];
  for (let i = 0; i < 900; i++) {
    const over = connection(1024 + i, `10.0.${i % 3}.1`);
    frames.push(syn(M + i * 10, over));
    if (i % 3 === 1) frames.push(reset(M + i * 10 + 1, over));
    // The port is used again: by then the connection is over.
    if (i % 3 === 1) frames.push(over.tcp(M + i * 10 + 2, 'up', header(SYN, 99)));
  }
  for (let i = 0; i < 900; i += 3) frames.push(hello(M + MINUTE + i, connection(1024 + i, '10.0.0.1')));
  const { counters } = ticketsOf([...frames, tick(M + 2 * MINUTE)]);
  const first = counters.filter((row) => row.minute_at === M);
  expect(first.map((row) => [row.class, row.flows_opened, row.up_packets, row.syns, row.rsts])).toEqual([
    ['', 900, 1200, 900, 300],
    ['image', 300, 300, 300, 0],
  ]);
  expect(first.map((row) => (row.users_hll as number[]).length)).toEqual([2, 1]);
});

describe('a DNS question without an answer', () => {
  const timeouts = (...frames: Frame[]): unknown[] =>
    ticketsOf(frames)
      .counters.filter((row) => (row.dns_timeout as number) > 0)
      .map((row) => [row.minute_at, row.class, row.dns_timeout]);

  test('counts in the minute in which it was asked last', () => {
    const frames = [
      question(M + 58 * SECOND, 1),
      question(M + 59 * SECOND, 1),
      tick(M + 75 * SECOND),
      tick(M + 125 * SECOND),
    ];
    expect(timeouts(...frames)).toEqual([[M, 'chat', 1]]);
  });

  test('counts there too if the next packet comes an hour later', () => {
    expect(timeouts(question(M + 59 * SECOND, 1), tick(M + 60 * MINUTE))).toEqual([[M, 'chat', 1]]);
  });

  test('is no time-out if the input ends within 10 s', () => {
    expect(timeouts(question(M, 1), tick(M + 10 * SECOND))).toEqual([]);
  });
});

test.each([
  ['a microsecond before its first packet', -1, 'e7.whatsapp.net'],
  ['in the same microsecond, before it', 0, 'e7.whatsapp.net'],
  ['a microsecond after it', 1, ''],
])('an answer names a flow if it passed %s', (_, laterUs, name) => {
  const answers = [{ name: 'e7.whatsapp.net', type: 'A', data: '184.173.179.37', ttlS: 60 }] as const;
  const message = toDnsMessage({ id: 1, name: 'e7.whatsapp.net', type: 'A', response: { rcode: 'NOERROR', answers } });
  const answer = between(end('10.0.0.1', 5354), end('10.255.0.53', 53)).udp(M + laterUs, 'down', message);
  const frames = laterUs > 0 ? [syn(M), answer] : [answer, syn(M)];
  const flow = ticketsOf(frames).flows.find(({ protocol }) => protocol === 'tcp')!;
  expect([flow.dns_name, flow.fqdn, flow.class]).toEqual([name, name, name && 'chat']);
});

test('a minute has one row a service and class, however packets are timed', () => {
  const random = new Random(5);
  const frames = Array.from({ length: 3000 }, (_, i) => {
    const at = M + i * 300_000 + random.between(-200, 200) * SECOND;
    const over = connection(random.between(1024, 1100));
    return random.pick([syn, hello, reset, (time: number) => question(time, i)])(at, over);
  });
  const { counters, flows } = ticketsOf(frames);
  const keys = counters.map((row) => `${row.minute_at} ${row.service} ${row.class}`);
  expect(new Set(keys).size).toBe(keys.length);
  const sum = (rows: Row[], name: string): number => rows.reduce((total, row) => total + (row[name] as number), 0);
  expect(sum(counters, 'flows_opened')).toBe(flows.length);
  expect(sum(counters, 'up_packets')).toBe(sum(flows, 'up_packets'));
  expect(sum(counters, 'up_packets')).toBe(3000);
});

describe('epochs', () => {
  test('names and addresses that are given up and found again change no row', () => {
    const frames = (): Iterable<Frame> => plantedWhatsApp({ seed: 3, clients: 3, hours: 1 }).frames;
    const plain = ticketsOf(frames());
    const tidied = ticketsOf(frames(), { epochSize: 200 });
    expect(plain.flows.length).toBeGreaterThan(100);
    for (const table of ['flows', 'dns', 'counters'] as const) expect(tidied[table]).toEqual(plain[table]);
  });

  test.each([
    ['many', 20],
    ['long', 240],
  ])('%s names do not stay', (_, length) => {
    const tickets = new LabelledTickets({ ...testOptions, epochSize: 3000 });
    let held = 0;
    for (let i = 0; i < 8_000; i++) {
      const name =
        `${i}.${'x'.repeat(50)}.${'y'.repeat(50)}.${'z'.repeat(50)}.example.of.a.longer.name.that.goes.on.and.on.without.end.example`.slice(
          0,
          length,
        );
      const { at, bytes } = question(M + i * 10 * SECOND, i & 0xffff, name);
      tickets.probe.frame(bytes, 0, bytes.length, bytes.length, at, LinkType.ETHERNET);
      tickets.tidy();
      tickets.sealed.length = 0;
      held = Math.max(held, tickets.probe.interner.size + tickets.probe.interner.characters / 64);
    }
    expect(held).toBeLessThan(7000);
  });
});
