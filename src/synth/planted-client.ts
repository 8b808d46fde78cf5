/** A subscriber of the planted operator: asks names, opens flows, and writes down what must be measured. */
import type { Random } from '../kit/random.ts';
import { formatAddress, parseAddress } from '../packet/address.ts';
import type { Rcode } from '../packet/dns-codes.ts';
import type { Device } from './device.ts';
import { type DnsQuestionType, type DnsRecord, toDnsMessage, toDnsTcpMessage } from './dns-message.ts';
import { failedConnection } from './failed-connection.ts';
import type { Path } from './frame.ts';
import { serverRttUs } from './hosting.ts';
import { KnownAnswers, unnamed } from './known-answers.ts';
import { literal } from './payload.ts';
import type { PlantedFlow } from './tally.ts';
import { tcpConnection } from './tcp-connection.ts';
import type { TcpScript, Turn } from './tcp-segments.ts';
import type { FlowLabels, TruthBook } from './truth.ts';
import { type Datagram, udpExchange } from './udp-exchange.ts';

export interface Question {
  readonly name: string;
  readonly type?: DnsQuestionType;
  readonly rcode?: keyof typeof Rcode;
  readonly answers?: readonly DnsRecord[];
  /** From the last question to its answer; without it there is no answer. */
  readonly latencyUs?: number;
  /** Times that the question is sent again, a second apart; not over TCP. */
  readonly retries?: number;
  readonly truncated?: boolean;
  readonly edns?: boolean;
  /** As the name is written in the messages, if otherwise than in lower case. */
  readonly spelling?: string;
  readonly scenario?: string;
}

/** What a flow is of, as far as it is not measured. */
export interface Destination {
  readonly server: string;
  readonly port: number;
  readonly service?: string;
  readonly class?: string;
  readonly sni?: string;
  /** Server name in the clear beside an encrypted one: it does not name the flow. */
  readonly outerSni?: string;
  readonly host?: string;
  readonly vlan?: number;
  readonly scenario: string;
}

const DNS_PORT = 53;
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;
const SERVER_TTL = 52;
const PIECE_GAP_US = 10;
const RETRY_US = 1_000_000;

const noLabels: Omit<FlowLabels, 'scenario' | 'os'> = {
  ...unnamed,
  tls_sni: '',
  sni_is_outer: false,
  http_host: '',
  service: '',
  class: '',
};

const isAddress = (record: DnsRecord): record is DnsRecord & { readonly type: 'A' | 'AAAA' } =>
  record.type === 'A' || record.type === 'AAAA';

const isAlias = (record: DnsRecord): record is DnsRecord & { readonly type: 'CNAME' } => record.type === 'CNAME';

export class PlantedClient {
  readonly random: Random;
  readonly device: Device;
  readonly known = new KnownAnswers();
  readonly #address: Uint8Array;
  readonly #resolver: Uint8Array;
  readonly #clientRttUs: number;
  readonly #book: TruthBook;
  #port: number;

  constructor(book: TruthBook, address: string, resolver: string, device: Device, random: Random) {
    this.random = random;
    this.device = device;
    this.#address = parseAddress(address)!;
    this.#resolver = parseAddress(resolver)!;
    this.#clientRttUs = Math.round(Math.min(400_000, 15_000 + random.logNormal(40_000, 0.6)));
    this.#book = book;
    this.#port = random.between(FIRST_PORT, LAST_PORT);
  }

  /** A question over UDP, and its answer if one comes. */
  ask(at: number, question: Question): PlantedFlow {
    const { name, type = 'A', latencyUs, retries = 0, spelling = name, edns = false } = question;
    const message = { id: this.random.between(0, 65_535), name: spelling, type, edns };
    const query = toDnsMessage(message);
    const datagrams: Datagram[] = [];
    for (let i = 0; i <= retries; i++) datagrams.push({ at: at + i * RETRY_US, direction: 'up', bytes: query });
    const answeredAt = latencyUs === undefined ? null : datagrams.at(-1)!.at + latencyUs;
    if (answeredAt !== null) {
      const { rcode = 'NOERROR', answers = [], truncated = false } = question;
      const bytes = toDnsMessage({ ...message, response: { rcode, answers, truncated } });
      datagrams.push({ at: answeredAt, direction: 'down', bytes });
    }
    this.#learn(question, 'udp', at, answeredAt);
    const path = this.#path(this.#resolver, DNS_PORT);
    return this.#label(udpExchange(path, datagrams), { scenario: question.scenario ?? 'dns' });
  }

  /** The same over TCP; the answer is cut at the given positions, and `latencyUs` is what the resolver thinks. */
  askOverTcp(at: number, question: Question & { readonly latencyUs: number }, cuts: readonly number[]): PlantedFlow {
    const { name, type = 'A', rcode = 'NOERROR', answers = [], latencyUs } = question;
    const message = { id: this.random.between(0, 65_535), name, type };
    const query = toDnsTcpMessage(toDnsMessage(message));
    const answer = toDnsTcpMessage(toDnsMessage({ ...message, response: { rcode, answers } }));
    const pieces = [0, ...cuts].map((start, i) => answer.subarray(start, cuts[i]));
    const timing = this.#timing(at, formatAddress(this.#resolver));
    // The vantage sees the question a round trip to both ends after the SYN, the answer another one to the server later.
    const askedAt = at + timing.serverRttUs + timing.clientRttUs + 1;
    const answeredAt = askedAt + timing.serverRttUs + latencyUs + cuts.length * PIECE_GAP_US;
    this.#learn(question, 'tcp', askedAt, answeredAt);
    const { measure: _, ...flow } = tcpConnection({
      ...timing,
      path: this.#path(this.#resolver, DNS_PORT),
      turns: [
        { direction: 'up', payload: literal(query), afterUs: 1 },
        ...pieces.map((piece, i): Turn => {
          const afterUs = i === 0 ? latencyUs : PIECE_GAP_US;
          return { direction: 'down', payload: literal(piece), afterUs };
        }),
      ],
      close: { by: 'up', how: 'fin', afterUs: 1000 },
    });
    return this.#label(flow, { scenario: 'dns-over-tcp' });
  }

  /** A connection that the server accepts. */
  connect(at: number, destination: Destination, script: Pick<TcpScript, 'turns' | 'close'>): PlantedFlow {
    const path = this.#path(parseAddress(destination.server)!, destination.port, destination.vlan);
    const timing = this.#timing(at, destination.server);
    return this.#label(tcpConnection({ ...script, ...timing, path }), this.#labelsOf(at, destination));
  }

  /** A connection that the server refuses, or does not answer. */
  failToConnect(at: number, destination: Destination, how: 'refused' | 'unanswered'): PlantedFlow {
    const path = this.#path(parseAddress(destination.server)!, destination.port);
    const { serverRttUs } = this.#timing(at, destination.server);
    const flow = failedConnection({ path, at, syn: this.device.syn, ...(how === 'refused' && { serverRttUs }) });
    return this.#label(flow, this.#labelsOf(at, destination));
  }

  #path(server: Uint8Array, port: number, vlan?: number): Path {
    this.#port = this.#port === LAST_PORT ? FIRST_PORT : this.#port + 1;
    return {
      client: { address: this.#address, port: this.#port },
      server: { address: server, port },
      clientTtl: this.device.ttl - 1,
      serverTtl: SERVER_TTL,
      ...(vlan !== undefined && { vlan }),
    };
  }

  #timing(at: number, server: string): Required<Pick<TcpScript, 'at' | 'serverRttUs' | 'clientRttUs' | 'syn'>> {
    const clientRttUs = Math.round(this.#clientRttUs * (1 + 0.3 * this.random.unit()));
    return { at, clientRttUs, serverRttUs: serverRttUs(server, this.random.unit()), syn: this.device.syn };
  }

  /** Writes a transaction down, and remembers what it answered. */
  #learn(question: Question, protocol: 'tcp' | 'udp', askedAt: number, answeredAt: number | null): void {
    const { name, type = 'A', rcode = 'NOERROR', answers = [], retries = 0, truncated = false } = question;
    const aliases = answers.filter(isAlias);
    const addresses = answers.filter(isAddress);
    const aliasTtlS = Math.min(...aliases.map(({ ttlS }) => ttlS));
    const servers = addresses.map(({ data }) => data);
    const ttlsS = addresses.map(({ ttlS }) => Math.min(ttlS, aliasTtlS));
    this.#book.dns.push({
      asked_at: askedAt,
      answered_at: answeredAt,
      client_ip: formatAddress(this.#address),
      resolver_ip: formatAddress(this.#resolver),
      protocol,
      qname: name,
      qtype: type,
      rcode: answeredAt === null ? '' : rcode,
      answers: servers,
      ttls_s: ttlsS,
      aliases: aliases.map(({ data }) => data),
      latency_us: answeredAt === null ? null : answeredAt - askedAt - retries * RETRY_US,
      retries,
      truncated: answeredAt === null ? null : truncated,
      ech_config:
        answeredAt === null ? null : answers.some((record) => record.type === 'HTTPS' && record.ech !== undefined),
    });
    if (answeredAt !== null && servers.length > 0)
      this.known.add({ name, servers, answeredAt, ttlS: Math.min(...ttlsS) });
  }

  #labelsOf(at: number, destination: Destination): Partial<FlowLabels> & Pick<FlowLabels, 'scenario'> {
    const { server, scenario, service = '', sni = '', outerSni = '', host = '' } = destination;
    const naming = this.known.nameAt(server, at);
    const seen = sni || host;
    return {
      ...naming,
      ...(seen && { fqdn: seen, fqdn_source: sni ? 'sni' : 'http' }),
      tls_sni: sni || outerSni,
      sni_is_outer: outerSni !== '',
      http_host: host,
      scenario,
      service,
      class: destination.class ?? '',
    };
  }

  /** The tally becomes the row of truth, so that what is counted while the flow is played stands in it. */
  #label(flow: PlantedFlow, labels: Partial<FlowLabels> & Pick<FlowLabels, 'scenario'>): PlantedFlow {
    this.#book.flows.push(Object.assign(flow.tally, noLabels, { os: this.device.os }, labels));
    return flow;
  }
}
