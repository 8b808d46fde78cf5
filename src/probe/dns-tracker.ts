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
import { newTransaction, PendingQuestions, type Transaction } from './pending-questions.ts';

export const PORT_DNS = 53;
/** Multicast DNS (RFC 6762): most of its questions are not meant to be answered by anyone. */
const PORT_MDNS = 5353;

export const isDnsPort = (port: number): boolean => port === PORT_DNS || port === PORT_MDNS;

/** A question unanswered for this long is a ticket of its own. */
export const DNS_TIMEOUT_US = 10 * SECOND;
/** Questions held at once; beyond that the oldest is given up. */
const MAX_PENDING = 1 << 17;
const NONE = -1;

/** Follows DNS messages. */
export class DnsTracker {
  /** The transaction that the observer is being told of. */
  transaction: Readonly<Transaction> | undefined;
  /** DNS messages that could not be decoded at all. */
  malformed = 0;
  readonly #message: DnsMessage;
  readonly #addresses: AddressTable;
  readonly #interner: Interner;
  readonly #observer: ProbeObserver;
  /** Address ids of the answers of the message, `NONE` for those that are no addresses. */
  readonly #servers: Int32Array;
  readonly #pending = new PendingQuestions();
  /** What a message tells, the question that waited for it, and one that is given up: filled anew each time. */
  readonly #seen = newTransaction();
  readonly #asked = newTransaction();
  readonly #oldest = newTransaction();

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
    const seen = this.#seen;
    seen.client = isClients ? client : server;
    seen.resolver = isClients ? server : client;
    seen.subscriber = isClients && subscriber !== '' ? this.#interner.code(subscriber) : 0;
    seen.ports = ports;
    seen.id = message.id;
    seen.overTcp = overTcp;
    seen.qname = message.qname;
    seen.qtype = message.qtype;
    seen.askedAt = message.isResponse ? Number.NaN : at;
    seen.lastAskedAt = seen.askedAt;
    seen.retries = 0;
    const asked = this.#asked;
    let isPending = this.#pending.take(seen, asked);
    if (isPending && at - asked.lastAskedAt > DNS_TIMEOUT_US) {
      this.#tell(asked);
      isPending = false;
    }
    const transaction = isPending ? asked : seen;
    if (message.isResponse) {
      this.#answered(bytes, transaction, at);
      return;
    }
    if (isPending) {
      asked.retries++;
      asked.lastAskedAt = at;
    }
    if (this.#pending.size === MAX_PENDING) this.#giveUpOldest();
    this.#pending.put(transaction);
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
    this.#pending.takeOldest(this.#oldest);
    this.#tell(this.#oldest);
  }

  /**
   * Ends the questions last sent more than 10 s before packet time `at`; `Infinity` ends all. One from as far ahead is
   * of a broken clock, and must not hold back those behind it.
   */
  expire(at: number): void {
    while (Math.abs(at - this.#pending.oldestAt) > DNS_TIMEOUT_US) this.#giveUpOldest();
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
    columns.client[row] = transaction.subscriber === 0 ? clientText : transaction.subscriber;
    columns.client_ip[row] = clientText;
    columns.resolver_ip[row] = this.#addresses.code(transaction.resolver, interner);
    columns.protocol[row] = interner.word(transaction.overTcp ? 'tcp' : 'udp');
    columns.qname[row] = transaction.qname;
    columns.qtype[row] = transaction.qtype < 0 ? 0 : interner.word(qtypeName(transaction.qtype));
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
    this.#pending.recode(codeOf);
  }

  checkpoint() {
    return this.#pending.checkpoint();
  }

  restore(pending: ReturnType<DnsTracker['checkpoint']>): void {
    this.#pending.restore(pending);
  }

  /** Address ids that are in use. */
  markAddresses(marks: Uint8Array): void {
    this.#pending.markAddresses(marks);
  }
}
