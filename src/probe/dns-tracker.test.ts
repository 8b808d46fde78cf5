import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { TcpFlag } from '../packet/layers.ts';
import { type DnsRecord, toDnsMessage, toDnsTcpMessage } from '../synth/dns-message.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';

const { SYN, ACK, FIN } = TcpFlag;
const SECOND = 1e6;
/** Half a second past a full one: the clock ticks on full seconds. */
const T = Date.UTC(2014, 1, 22, 18) * 1000 + SECOND / 2;
const NAME = 'e7.whatsapp.net';
const ADDRESS = '184.173.179.37';

const phone = end('10.0.0.1', 40_000);
const resolver = end('10.255.0.53', 53);
const path = between(phone, resolver);
const a = (name: string, data: string, ttlS = 300): DnsRecord => ({ name, type: 'A', data, ttlS });

const query = { id: 7, name: NAME, type: 'A' } as const;
const answer = { ...query, response: { rcode: 'NOERROR', answers: [a(NAME, ADDRESS)] } } as const;

const ask = (at: number, more: object = {}, over = path): Frame =>
  over.udp(at, 'up', toDnsMessage({ ...query, ...more }));
const reply = (at: number, more: object = {}, over = path): Frame =>
  over.udp(at, 'down', toDnsMessage({ ...answer, ...more }));
/** A packet of somebody else, by which time passes. */
const tick = (at: number): Frame =>
  between(end('10.0.0.2', 1), end('198.51.100.9', 2)).udp(at, 'up', new Uint8Array(1));

const pick = ({ asked_at, answered_at, latency_us, retries, rcode, answers }: RecordingProbe['dns'][number]) => ({
  asked_at,
  answered_at,
  latency_us,
  retries,
  rcode,
  answers,
});
const answered = {
  asked_at: T,
  answered_at: T + 20_000,
  latency_us: 20_000,
  retries: 0,
  rcode: 'NOERROR',
  answers: [ADDRESS],
};
const unanswered = { asked_at: T, answered_at: null, latency_us: null, retries: 0, rcode: '', answers: [] };
const unasked = { ...answered, asked_at: null, latency_us: null, retries: null };

const transactionsOf = (...frames: Frame[]) =>
  new RecordingProbe()
    .play(...frames)
    .finish()
    .dns.map(pick);

describe('a question', () => {
  test('and its answer are one ticket, with everything the answer says', () => {
    const answers: DnsRecord[] = [
      { name: NAME, type: 'CNAME', data: 'chat.cdn.example', ttlS: 30 },
      a('chat.cdn.example', ADDRESS, 120),
      a('chat.cdn.example', '184.173.179.38', 20),
    ];
    const recording = new RecordingProbe().play(
      ask(T),
      reply(T + 20_000, { response: { rcode: 'NOERROR', answers, truncated: true } }),
    );
    expect(recording.dns).toMatchObject([
      {
        ...answered,
        client_ip: '10.0.0.1',
        resolver_ip: '10.255.0.53',
        protocol: 'udp',
        qname: NAME,
        qtype: 'A',
        answers: [ADDRESS, '184.173.179.38'],
        ttls_s: [30, 20],
        aliases: ['chat.cdn.example'],
        truncated: 1,
        ech_config: 0,
        reported_at: T + 20_000,
      },
    ]);
    expect(recording.answers).toEqual([
      { client: '10.0.0.1', server: ADDRESS, name: NAME, at: T + 20_000, ttlS: 30 },
      { client: '10.0.0.1', server: '184.173.179.38', name: NAME, at: T + 20_000, ttlS: 20 },
    ]);
  });

  test('unanswered for 10 s is a ticket without an answer', () => {
    const recording = new RecordingProbe().play(ask(T), tick(T + 10 * SECOND));
    expect(recording.dns).toEqual([]);
    recording.play(tick(T + 11 * SECOND));
    expect(recording.dns.map(pick)).toEqual([unanswered]);
    expect(recording.dns[0]).toMatchObject({
      qname: NAME,
      truncated: null,
      ech_config: null,
      reported_at: T + 11 * SECOND,
    });
  });

  test('unanswered at the end of the input is one too', () => {
    expect(transactionsOf(ask(T))).toEqual([unanswered]);
  });

  test.each([
    ['10 s later', 10 * SECOND, 1],
    ['a microsecond after that', 10 * SECOND + 1, 2],
  ])('answered %s, whether or not the clock has ticked', (_, latencyUs, tickets) => {
    const late = { ...unasked, answered_at: T + latencyUs };
    const expected =
      tickets === 1 ? [{ ...answered, answered_at: T + latencyUs, latency_us: latencyUs }] : [unanswered, late];
    expect(transactionsOf(ask(T), reply(T + latencyUs))).toEqual(expected);
    expect(transactionsOf(ask(T), tick(T + latencyUs - 1), reply(T + latencyUs))).toEqual(expected);
  });

  test('sent again is one transaction: asked first, late since the last, 10 s from there', () => {
    const frames = [ask(T), ask(T + SECOND), ask(T + 9 * SECOND)];
    expect(transactionsOf(...frames, reply(T + 18 * SECOND))).toEqual([
      { ...answered, answered_at: T + 18 * SECOND, latency_us: 9 * SECOND, retries: 2 },
    ]);
    expect(transactionsOf(...frames, tick(T + 30 * SECOND))).toEqual([{ ...unanswered, retries: 2 }]);
  });

  test('sent again after 10 s is another transaction', () => {
    const again = T + 10 * SECOND + 1;
    expect(transactionsOf(ask(T), ask(again), reply(again + 5))).toEqual([
      unanswered,
      { ...answered, asked_at: again, answered_at: again + 5, latency_us: 5 },
    ]);
  });

  test.each([
    ['id', { id: 8 }, path],
    ['name', { name: 'e8.whatsapp.net' }, path],
    ['type', { type: 'AAAA' }, path],
    ['port', {}, between(end('10.0.0.1', 40_001), resolver)],
    ['resolver', {}, between(phone, end('10.255.0.54', 53))],
    ['client', {}, between(end('10.0.0.2', 40_000), resolver)],
  ])('is not answered by a message with another %s', (_, more, over) => {
    expect(transactionsOf(ask(T), reply(T + 20_000, more, over))).toEqual([unasked, unanswered]);
  });

  test('is answered though its case is another', () => {
    const spelling = { name: 'E7.wHaTsApP.nEt' };
    for (const [asked, told] of [
      [spelling, {}],
      [{}, spelling],
      [spelling, spelling],
    ]) {
      const recording = new RecordingProbe().play(ask(T, asked), reply(T + 20_000, told));
      expect(recording.dns).toMatchObject([{ ...answered, qname: NAME }]);
    }
  });

  test('is answered by a message that does not repeat it, as errors may', () => {
    const error = toDnsMessage({ ...query, response: { rcode: 'SERVFAIL', answers: [] } }).slice(0, 12);
    error[5] = 0;
    const recording = new RecordingProbe().play(ask(T), path.udp(T + 20_000, 'down', error)).finish();
    expect(recording.dns).toMatchObject([{ ...answered, qname: NAME, rcode: 'SERVFAIL', answers: [] }]);
  });

  test('with the same id and port as another is kept apart from it', () => {
    const other = { name: 'other.example', response: { rcode: 'NXDOMAIN', answers: [] } };
    expect(
      transactionsOf(ask(T), ask(T, { name: 'other.example' }), reply(T + 20_000, other), reply(T + 20_000)),
    ).toEqual([{ ...answered, rcode: 'NXDOMAIN', answers: [] }, answered]);
    // And once the first is gone, the second is still found.
    expect(
      transactionsOf(ask(T), ask(T, { name: 'other.example' }), reply(T + 20_000), reply(T + 20_000, other)),
    ).toEqual([answered, { ...answered, rcode: 'NXDOMAIN', answers: [] }]);
  });
});

describe('an answer', () => {
  test('without a question is a ticket without asked_at, and names flows all the same', () => {
    const recording = new RecordingProbe().play(reply(T + 20_000));
    expect(recording.dns.map(pick)).toEqual([unasked]);
    expect(recording.answers).toHaveLength(1);
  });

  test('that comes twice is a ticket each', () => {
    expect(transactionsOf(ask(T), reply(T + 20_000), reply(T + 20_000))).toEqual([answered, unasked]);
  });

  test('before its question, as the packets are timed, has no latency', () => {
    expect(transactionsOf(ask(T), reply(T - 5))).toEqual([{ ...answered, answered_at: T - 5, latency_us: null }]);
  });

  test('with an error names nothing', () => {
    const recording = new RecordingProbe().play(
      ask(T),
      reply(T + 1, { response: { rcode: 'NXDOMAIN', answers: [a(NAME, ADDRESS)] } }),
    );
    expect([recording.answers, recording.dns.length]).toEqual([[], 1]);
  });

  test('for IPv6 is an address too', () => {
    const answers = [{ name: NAME, type: 'AAAA', data: '2001:db8::7', ttlS: 5 }];
    const recording = new RecordingProbe().play(
      ask(T, { type: 'AAAA' }),
      reply(T + 1, { type: 'AAAA', response: { rcode: 'NOERROR', answers } }),
    );
    expect(recording.answers).toMatchObject([{ server: '2001:db8::7', name: NAME, ttlS: 5 }]);
    expect(recording.dns).toMatchObject([{ qtype: 'AAAA', answers: ['2001:db8::7'] }]);
  });

  test('to a group of hosts (mDNS) names the flows of none of them', () => {
    const group = between(end('10.0.0.9', 5353), end('224.0.0.251', 5353));
    const recording = new RecordingProbe().play(reply(T, {}, between(end('224.0.0.251', 5353), end('10.0.0.9', 5353))));
    recording.play(group.udp(T, 'up', toDnsMessage(answer)));
    expect(recording.answers.map(({ client }) => client)).toEqual(['224.0.0.251', '224.0.0.251']);
  });
});

test('what is no DNS on its port is counted, what asks for no name is passed over', () => {
  const update = toDnsMessage(query);
  update[2] = 5 << 3;
  const recording = new RecordingProbe()
    .play(path.udp(T, 'up', new Uint8Array(11).fill(9)), path.udp(T, 'up', update))
    .finish();
  expect([recording.probe.dns.malformed, recording.dns]).toEqual([1, []]);
});

describe('over TCP', () => {
  const header = (direction: Direction, sequence: number, flags: number) =>
    ({
      sequence: (direction === 'up' ? 4_294_967_000 : 500) + sequence,
      acknowledgment: direction === 'up' ? 501 : 4_294_967_001,
      flags,
      window: 1,
    }) as const;
  const bare = (at: number, direction: Direction, flags: number) =>
    path.tcp(at, direction, header(direction, 0, flags));
  const handshake = [bare(T, 'up', SYN), bare(T, 'down', SYN | ACK), bare(T, 'up', ACK)];
  /** The pieces of a stream cut at the given positions. */
  const send = (at: number, direction: Direction, content: Uint8Array, ...cuts: number[]): Frame[] =>
    [0, ...cuts].map((from, i) => {
      const to = cuts[i] ?? content.length;
      return path.tcp(at, direction, header(direction, 1 + from, ACK), literal(content), from, to - from);
    });
  const many = Array.from({ length: 150 }, (_, i) => a(NAME, `184.173.179.${i}`));
  const question = toDnsTcpMessage(toDnsMessage(query));
  const long = toDnsTcpMessage(toDnsMessage({ ...query, response: { rcode: 'NOERROR', answers: many } }));
  const expected = { asked_at: T, answered_at: T + 20_000, protocol: 'tcp', latency_us: 20_000, retries: 0 };
  const [first, second, third, last] = send(T + 20_000, 'down', long, 1, 300, 1500) as [Frame, Frame, Frame, Frame];

  test.each([
    ['in order', [first, second, third, last]],
    ['last first', [last, third, second, first]],
    ['mixed and doubled', [third, first, third, last, last, first, second]],
  ])('an answer in several segments, %s', (_, segments) => {
    const recording = new RecordingProbe().play(...handshake, ...send(T, 'up', question), ...segments);
    expect(recording.dns).toMatchObject([expected]);
    expect(recording.dns[0]!.answers).toHaveLength(150);
    expect(recording.answers).toHaveLength(150);
  });

  test('a connection of which the handshake was not seen', () => {
    const recording = new RecordingProbe().play(...send(T, 'up', question), first, third, second, last);
    expect(recording.dns).toMatchObject([expected]);
  });

  test('several questions and answers on one connection, in one segment', () => {
    const questions = [1, 2, 3].map((id) => toDnsTcpMessage(toDnsMessage({ ...query, id })));
    const replies = [3, 1, 2].map((id) => toDnsTcpMessage(toDnsMessage({ ...answer, id })));
    const up = send(T, 'up', Buffer.concat(questions), 40);
    const down = send(T + 20_000, 'down', Buffer.concat(replies));
    expect(transactionsOf(...handshake, ...up, ...down)).toEqual([answered, answered, answered]);
  });

  test('the same question over UDP is another transaction', () => {
    expect(transactionsOf(ask(T), ...handshake, ...send(T, 'up', question), reply(T + 20_000))).toEqual([
      answered,
      unanswered,
    ]);
  });

  test('a message longer than it says it is breaks nothing behind it', () => {
    const odd = Buffer.concat([[0, 3, 1, 2, 3], question, [0, 0], question].map((part) => Uint8Array.from(part)));
    const recording = new RecordingProbe().play(...handshake, ...send(T, 'up', odd)).finish();
    expect(recording.dns).toMatchObject([{ retries: 1 }]);
    expect(recording.probe.dns.malformed).toBe(2);
  });

  test('a stream with a gap that nothing fills is given up', () => {
    const endless = Buffer.alloc(100_000);
    const segments = send(T, 'up', endless, ...Array.from({ length: 99 }, (_, i) => (i + 1) * 1000));
    const recording = new RecordingProbe().play(...handshake, ...segments.slice(1), ...send(T, 'up', question));
    recording.play(bare(T + 5, 'up', FIN | ACK)).finish();
    expect([recording.dns, recording.flows.length]).toEqual([[], 1]);
  });
});

test('a flood of questions is bounded: the oldest are given up, and none is lost', () => {
  const recording = new RecordingProbe();
  const asked: number[] = [];
  recording.transacted = () => {
    asked.push(recording.probe.dns.transaction!.askedAt);
  };
  const { bytes, length } = ask(T);
  const view = new DataView(bytes.buffer);
  const count = 150_000;
  for (let i = 0; i < count; i++) {
    view.setUint16(42, i & 0xffff);
    view.setUint16(34, 1024 + (i >> 16));
    recording.play({ at: T + i, bytes, length });
  }
  const pending = count - asked.length;
  expect(pending).toBeLessThanOrEqual(1 << 17);
  expect(pending).toBeGreaterThan((1 << 17) - (1 << 11));
  recording.finish();
  expect(asked).toEqual(Array.from({ length: count }, (_, i) => T + i));
});

test('a question with the time of a broken clock does not hold back those behind it', () => {
  const stray = ask(T + 1e15, { id: 99 });
  const recording = new RecordingProbe().play(tick(T), stray, ask(T + 5), tick(T + 12 * SECOND));
  expect(recording.dns).toMatchObject([{ asked_at: T + 1e15 }, { asked_at: T + 5 }]);
});
