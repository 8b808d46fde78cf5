/** Which evidence tells the service of a flow: name, then address, then payload, then port. */
import { describe, expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { Random } from '../kit/random.ts';
import { HOUR, MINUTE, SECOND } from '../kit/time.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import type { Frame } from '../synth/frame.ts';
import { toHttpRequest } from '../synth/http-message.ts';
import { literal } from '../synth/payload.ts';
import { toClientHello } from '../synth/tls-handshake.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

const { SYN, ACK } = TcpFlag;
/** A full minute, when Facebook's network held 31.13.86.48 and nobody's chat but WhatsApp's was on port 5222 there. */
const T = Date.UTC(2019, 5, 25, 9) * 1000;
const SERVER = '31.13.86.48';
const CHAT = Buffer.from('45440001', 'hex');

type Tables = Record<'flows' | 'counters', Row[]>;

const tablesOf = (frames: readonly Frame[], options: Partial<LabelOptions> = {}): Tables => {
  const tickets = new LabelledTickets({ ...testOptions, synIdleUs: HOUR, ...options });
  const tables: Record<string, Row[]> = { flows: [], dns: [], http: [], bursts: [], counters: [] };
  const take = (): void => {
    for (const batch of tickets.sealed.splice(0)) tables[batch.table]!.push(...rowsOf(batch));
  };
  for (const { at, bytes, length } of frames) {
    tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    tickets.tidy();
    take();
  }
  tickets.finish();
  take();
  return tables as Tables;
};

/** A resolver tells a client of its own that the name is at an address. */
const answer = (at: number, name: string, client = '10.0.0.9', address = SERVER): Frame => {
  const question = { id: 1, name, type: 'A' as const };
  const response = { rcode: 'NOERROR' as const, answers: [{ name, type: 'A' as const, ttlS: 60, data: address }] };
  return between(end(client, 5000), end('10.255.0.53', 53)).udp(at, 'down', toDnsMessage({ ...question, response }));
};

interface Connection {
  readonly client?: string;
  readonly server?: string;
  readonly port?: number;
  /** What the client sends first. */
  readonly payload?: Uint8Array;
}

const connection = (
  at: number,
  { client = '10.0.0.1', server = SERVER, port = 5222, payload }: Connection,
): Frame[] => {
  const over = between(end(client, 40_000), end(server, port));
  const header = (flags: number, sequence: number) => ({ sequence, acknowledgment: 0, flags, window: 1 });
  const syn = over.tcp(at, 'up', header(SYN, 0));
  return payload === undefined
    ? [syn]
    : [syn, over.tcp(at + SECOND, 'up', header(ACK, 1), literal(payload), 0, payload.length)];
};

/** How the one TCP flow among the frames is known. */
const known = (...frames: readonly (Frame | readonly Frame[])[]) => {
  const flow = tablesOf(frames.flat()).flows.find(({ protocol }) => protocol === 'tcp')!;
  return { service: flow.service, class: flow.class, by: flow.service_source, confidence: flow.service_confidence };
};

const nothing = { service: '', class: '', by: '', confidence: null };
const byName = { service: 'whatsapp', class: 'chat', by: 'name', confidence: null };
const byAddress = { service: 'whatsapp', class: 'chat', by: 'ip-set', confidence: 0.75 };
const byPayload = { service: 'whatsapp', class: 'chat', by: 'payload', confidence: null };
const byPort = { service: 'whatsapp', class: 'chat', by: 'port', confidence: null };

/** Two other clients were told of the address. */
const taught = [answer(T, 'g.whatsapp.net'), answer(T, 'g.whatsapp.net', '10.0.0.8')];

describe('payload', () => {
  test('tells the service of a flow without a name, on the ports of its rule', () => {
    expect(known(connection(T, { server: '192.0.2.1', payload: CHAT }))).toEqual(byPayload);
    expect(known(connection(T, { server: '192.0.2.1', port: 443, payload: CHAT }))).toEqual(nothing);
    expect(known(connection(T, { server: '192.0.2.1', payload: Buffer.from('EHLO x') }))).toEqual(nothing);
  });

  test('tells a call by its first datagram', () => {
    const allocate = Buffer.from(`0003000a2112a442${'00'.repeat(12)}40000006050308264040`, 'hex');
    const frames = [between(end('10.0.0.1', 40_000), end(SERVER, 3478)).udp(T, 'up', allocate)];
    expect(tablesOf(frames).flows[0]).toMatchObject({
      service: 'whatsapp',
      class: 'voice',
      service_source: 'payload',
      fqdn: '',
    });
  });

  test('does not speak against a name, known or not', () => {
    expect(known(answer(T, 'g.whatsapp.net', '10.0.0.1'), connection(T + 1, { payload: CHAT }))).toEqual(byName);
    expect(known(answer(T, 'unowned.example', '10.0.0.1'), connection(T + 1, { payload: CHAT }))).toEqual(nothing);
  });
});

describe('port', () => {
  test('tells it last, in the network of the rule and from its date on', () => {
    expect(known(connection(T, {}))).toEqual(byPort);
    expect(known(connection(T, { port: 5223 }))).toEqual(nothing);
    expect(known(connection(T, { server: '192.0.2.1' }))).toEqual(nothing);
    expect(known(connection(Date.UTC(2015, 5, 25) * 1000, {}))).toEqual(nothing);
  });

  test('yields to payload', () => {
    expect(known(connection(T, { payload: CHAT }))).toEqual(byPayload);
  });
});

describe('the address', () => {
  test('tells it if other clients were lately told names of one service there, and gives no name', () => {
    const { flows } = tablesOf([...taught, ...connection(T + SECOND, { port: 443 })]);
    expect(flows.find(({ protocol }) => protocol === 'tcp')).toMatchObject({
      fqdn: '',
      fqdn_source: '',
      dns_name: '',
      dns_evidence: '',
      dns_candidates: [],
      service: 'whatsapp',
      class: 'chat',
      service_source: 'ip-set',
      service_confidence: 0.74,
      rule: 'whatsapp.yaml:31',
    });
  });

  test('goes before payload and port', () => {
    expect(known(taught, connection(T, { payload: CHAT }))).toEqual(byAddress);
  });

  test("does not if one name was seen, or another's too, or long ago", () => {
    const flow = (at = T): Frame[] => connection(at, { port: 443 });
    expect(known(taught.slice(1), flow())).toEqual(nothing);
    expect(known(taught, answer(T, 'unowned.example'), flow())).toEqual(nothing);
    expect(known(taught, flow(T + HOUR))).toEqual(nothing);
  });

  test('learns from the names that flows show, but not from one that is an address', () => {
    const hello = toClientHello({ serverName: 'g.whatsapp.net' }, new Random(1));
    const shown = (client: string, payload: Uint8Array): Frame[] => connection(T, { client, port: 443, payload });
    const flows = tablesOf([
      ...shown('10.0.0.7', hello),
      ...shown('10.0.0.8', hello),
      ...shown('10.0.0.9', toHttpRequest(SERVER, '/', 'x')),
      ...connection(T + 2 * SECOND, { port: 443 }),
    ]).flows;
    expect(flows.map(({ client_ip, service_source }) => `${client_ip} ${service_source}`).sort()).toEqual([
      '10.0.0.1 ip-set',
      '10.0.0.7 name',
      '10.0.0.8 name',
      '10.0.0.9 ',
    ]);
  });

  test('yields to the name that the flow shows, known or not', () => {
    const payload = toClientHello({ serverName: 'unowned.example' }, new Random(1));
    expect(known(taught, connection(T, { port: 443, payload }))).toEqual(nothing);
  });

  test('is asked again each minute in which the flow has packets, and counts from that minute on', () => {
    const flow = connection(T + SECOND, { port: 443, payload: Buffer.from('opaque') });
    const later = connection(T + 90 * SECOND, { port: 443 });
    const end = { at: T + 5 * MINUTE, bytes: new Uint8Array(60), length: 60 };
    const { flows, counters } = tablesOf([
      ...flow,
      answer(T + 70 * SECOND, 'g.whatsapp.net', '10.0.0.8'),
      answer(T + 70 * SECOND, 'g.whatsapp.net'),
      ...later,
      end,
    ]);
    expect(flows.find(({ protocol }) => protocol === 'tcp')).toMatchObject({ service_source: 'ip-set', class: 'chat' });
    const ofFlow = counters.filter(({ syns, up_packets }) => (syns as number) + (up_packets as number) > 0);
    expect(ofFlow.map(({ minute_at, service }) => [((minute_at as number) - T) / MINUTE, service])).toEqual([
      [0, ''],
      [1, 'whatsapp'],
    ]);
  });

  test('is known as well by a stream whose names and addresses are tidied after every packet', () => {
    const frames = [...taught, ...connection(T + SECOND, { port: 443 })];
    expect(tablesOf(frames, { epochSize: 1 }).flows).toEqual(tablesOf(frames).flows);
  });
});
