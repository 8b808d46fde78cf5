/** DNS transactions: a question is held until its answer passes, or 10 s are over. */
import type { Interner } from '../kit/interner.ts';
import { SECOND } from '../kit/time.ts';
import { wordAt } from '../packet/address.ts';
import type { AddressTable } from '../packet/address-table.ts';
import { qtypeName, Rcode, rcodeName } from '../packet/dns-codes.ts';
import { DnsMessage } from '../packet/dns-message.ts';
import type { Batch } from '../tickets/batch.ts';
import type { dns } from '../tickets/index.ts';
import type { ProbeObserver } from './observer.ts';

export const PORT_DNS = 53;
/** Multicast DNS (RFC 6762): most of its questions are not meant to be answered by anyone. */
const PORT_MDNS = 5353;

export const isDnsPort = (port: number): boolean => port === PORT_DNS || port === PORT_MDNS;

/** A question unanswered for this long is a ticket of its own. */
export const DNS_TIMEOUT_US = 10 * SECOND;
/** Questions held at once; beyond that the oldest are given up, many at a time: finding the oldest is dear in a Map. */
const MAX_PENDING = 1 << 17;
const GIVEN_UP_AT_ONCE = 1 << 10;
const NONE = -1;

/** A question that waits, and the transaction that ended last. */
interface Transaction {
  readonly client: number;
  /** What the subscriber who asks is known by; '' if by the address alone. */
  readonly subscriber: string;
  readonly resolver: number;
  /** Ports of the flow that carries it, and the id of the message: what pairs question and answer, with the name. */
  readonly ports: number;
  readonly id: number;
  readonly overTcp: boolean;
  /** Interner code of the question name. */
  qname: number;
  readonly qtype: number;
  readonly askedAt: number;
  lastAskedAt: number;
  answeredAt: number;
  retries: number;
}

/** Client ids below this, client port and message id make a whole number that a double holds. */
const CLIENTS = 2 ** 21;

/** Which keys collide must not be known to who chooses ports and ids. */
const seed = Math.floor(Math.random() * 65536);

/** Nearly always distinct for transactions under way at once, and cheaper than a text. */
const shortKey = ({ client, ports, id }: Transaction): number =>
  ((client % CLIENTS) * 65536 + ((ports >>> 16) ^ seed)) * 65536 + (id ^ seed);

/** Is `b` of the transaction `a`? An answer need not repeat the question: then ports and id must do. */
const isSame = (a: Transaction, b: Transaction): boolean =>
  a.client === b.client &&
  a.resolver === b.resolver &&
  a.ports === b.ports &&
  a.id === b.id &&
  a.overTcp === b.overTcp &&
  (b.qtype < 0 || (a.qname === b.qname && a.qtype === b.qtype));

/** For a transaction whose short key another one holds. */
const longKey = ({ client, resolver, ports, id, overTcp, qname, qtype }: Transaction): string =>
  `${client} ${resolver} ${ports} ${id} ${overTcp} ${qname} ${qtype}`;

/**
 * Follows DNS messages. The pending questions are a Map in the order of their last sending, which is the order in
 * which they time out; a DNS packet is one in twenty, so this is not the fast path.
 */
export class DnsTracker {
  /** The transaction that the observer is being told of. */
  transaction: Transaction | undefined;
  /** DNS messages that could not be decoded at all. */
  malformed = 0;
  readonly #message: DnsMessage;
  readonly #addresses: AddressTable;
  readonly #interner: Interner;
  readonly #observer: ProbeObserver;
  /** Address ids of the answers of the message, `NONE` for those that are no addresses. */
  readonly #servers: Int32Array;
  #longKeys = 0;
  readonly #pending = new Map<number | string, Transaction>();

  constructor(addresses: AddressTable, interner: Interner, observer: ProbeObserver) {
    this.#addresses = addresses;
    this.#interner = interner;
    this.#observer = observer;
    this.#message = new DnsMessage(interner);
    this.#servers = new Int32Array(this.#message.addressBytes.length);
  }

  /** Response code of the transaction that ended, -1 if it had no answer. */
  get rcode(): number {
    return Number.isNaN(this.transaction?.answeredAt ?? Number.NaN) ? -1 : this.#message.rcode;
  }

  /** Was the transaction that ended one of a resolver, and not of multicast DNS? */
  get isUnicast(): boolean {
    return ((this.transaction?.ports ?? 0) & 0xffff) !== PORT_MDNS;
  }

  /** Did the answer of the transaction that ended carry an ECH configuration? */
  get echConfig(): boolean {
    return this.rcode >= 0 && this.#message.echConfig;
  }

  /**
   * A message in [start, end) of `bytes`, of a flow between `client` and `server` (address ids).
   *
   * @param subscriber what the flow's client is known by, '' if by the address alone
   * @param up did the flow's client send it?
   * @param ports of the flow, as in its record
   */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    client: number,
    server: number,
    subscriber: string,
    up: boolean,
    ports: number,
    overTcp: boolean,
    at: number,
  ): void {
    const message = this.#message;
    if (!message.decode(bytes, start, end)) {
      this.malformed++;
      return;
    }
    // Dynamic updates and notifications are no questions for a name (RFC 2136, RFC 1996).
    if (message.opcode !== 0) return;
    const isClients = up !== message.isResponse;
    const seen: Transaction = {
      client: isClients ? client : server,
      subscriber: isClients ? subscriber : '',
      resolver: isClients ? server : client,
      ports,
      id: message.id,
      overTcp,
      qname: message.qname,
      qtype: message.qtype,
      askedAt: message.isResponse ? Number.NaN : at,
      lastAskedAt: message.isResponse ? Number.NaN : at,
      answeredAt: Number.NaN,
      retries: 0,
    };
    let pending = this.#take(seen);
    if (pending !== undefined && at - pending.lastAskedAt > DNS_TIMEOUT_US) {
      this.#tell(pending);
      pending = undefined;
    }
    if (message.isResponse) {
      this.#answered(bytes, pending ?? seen, at);
      return;
    }
    if (pending !== undefined) {
      pending.retries++;
      pending.lastAskedAt = at;
    }
    if (this.#pending.size === MAX_PENDING) this.#giveUpOldest();
    this.#put(pending ?? seen);
  }

  /** The pending transaction that `seen` belongs to, no longer pending. */
  #take(seen: Transaction): Transaction | undefined {
    let key: number | string = shortKey(seen);
    let pending = this.#pending.get(key);
    if (pending === undefined || !isSame(pending, seen)) {
      // One with a long key may have outlived the one that stood in its way.
      if (this.#longKeys === 0) return undefined;
      key = longKey(seen);
      pending = this.#pending.get(key);
    }
    if (pending !== undefined) this.#remove(key);
    return pending;
  }

  #put(transaction: Transaction): void {
    const key = shortKey(transaction);
    if (this.#pending.has(key)) {
      const long = longKey(transaction);
      if (!this.#pending.has(long)) this.#longKeys++;
      this.#pending.set(long, transaction);
    } else this.#pending.set(key, transaction);
  }

  #remove(key: number | string): void {
    this.#pending.delete(key);
    if (typeof key === 'string') this.#longKeys--;
  }

  #answered(bytes: Uint8Array, transaction: Transaction, at: number): void {
    const message = this.#message;
    transaction.answeredAt = at;
    for (let i = 0; i < message.answerCount; i++) {
      this.#servers[i] = NONE;
      const length = message.addressBytes[i]!;
      if (length === 0) continue;
      const from = message.answerAt[i]!;
      const server = length === 16 ? this.#addresses.ipv6(bytes, from) : this.#addresses.ipv4(wordAt(bytes, from));
      this.#servers[i] = server;
      if (message.rcode === Rcode.NOERROR && transaction.qname !== 0) {
        this.#observer.answered(transaction.client, server, transaction.qname, at, message.ttlsS[i]!);
      }
    }
    this.#tell(transaction);
  }

  #tell(transaction: Transaction): void {
    this.transaction = transaction;
    this.#observer.transacted();
    this.transaction = undefined;
  }

  #giveUpOldest(): void {
    for (const [key, transaction] of this.#pending) {
      if (this.#pending.size <= MAX_PENDING - GIVEN_UP_AT_ONCE) return;
      this.#remove(key);
      this.#tell(transaction);
    }
  }

  /**
   * Ends the questions last sent more than 10 s before packet time `at`; `Infinity` ends all. One from as far ahead is
   * of a broken clock, and must not hold back those behind it.
   */
  expire(at: number): void {
    for (const [key, transaction] of this.#pending) {
      if (Math.abs(at - transaction.lastAskedAt) <= DNS_TIMEOUT_US) return;
      this.#remove(key);
      this.#tell(transaction);
    }
  }

  /** Writes the transaction that the observer is being told of, but for source, vantage, service and class. */
  write(batch: Batch<typeof dns.columns>, row: number): void {
    const transaction = this.transaction!;
    const message = this.#message;
    const interner = this.#interner;
    const { columns } = batch;
    const clientText = this.#addresses.code(transaction.client, interner);
    columns.asked_at[row] = transaction.askedAt;
    columns.answered_at[row] = transaction.answeredAt;
    columns.client[row] = transaction.subscriber === '' ? clientText : interner.code(transaction.subscriber);
    columns.client_ip[row] = clientText;
    columns.resolver_ip[row] = this.#addresses.code(transaction.resolver, interner);
    columns.protocol[row] = interner.word(transaction.overTcp ? 'tcp' : 'udp');
    columns.qname[row] = transaction.qname;
    columns.qtype[row] = transaction.qtype < 0 ? 0 : interner.code(qtypeName(transaction.qtype));
    columns.retries[row] = Number.isNaN(transaction.askedAt) ? Number.NaN : transaction.retries;
    if (Number.isNaN(transaction.answeredAt)) return;
    columns.rcode[row] = interner.word(rcodeName(message.rcode));
    for (let i = 0; i < message.answerCount; i++) {
      const server = this.#servers[i]!;
      const answer = server === NONE ? interner.code(message.answerText(i)) : this.#addresses.code(server, interner);
      columns.answers.push(answer);
      columns.ttls_s.push(message.ttlsS[i]!);
    }
    for (const alias of message.aliases) columns.aliases.push(alias);
    const latencyUs = transaction.answeredAt - transaction.lastAskedAt;
    columns.latency_us[row] = latencyUs >= 0 ? latencyUs : Number.NaN;
    columns.truncated[row] = message.truncated ? 1 : 0;
    columns.ech_config[row] = message.echConfig ? 1 : 0;
  }

  /** Gives every code held its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    this.#longKeys = 0;
    for (const [, transaction] of pending) {
      transaction.qname = codeOf(transaction.qname);
      this.#put(transaction);
    }
  }

  checkpoint(): readonly Transaction[] {
    return [...this.#pending.values()];
  }

  restore(pending: readonly Transaction[]): void {
    for (const transaction of pending) this.#put(transaction);
  }

  /** Address ids that are in use. */
  markAddresses(marks: Uint8Array): void {
    for (const { client, resolver } of this.#pending.values()) {
      marks[client] = 1;
      marks[resolver] = 1;
    }
  }
}
