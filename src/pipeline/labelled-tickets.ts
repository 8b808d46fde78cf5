/** Puts probe and labellers together: each flow and DNS transaction becomes a ticket with its labels, in batches ready for the store. */
import type { Catalog } from '../catalog/catalog.ts';
import type { AddressDatabase } from '../enrich/address-database.ts';
import { enrichFlows, type FlowEnricher } from '../enrich/enrich-flows.ts';
import type { TacTable } from '../enrich/os/tac-table.ts';
import { HalfSipHash } from '../kit/half-sip-hash.ts';
import { Interner } from '../kit/interner.ts';
import { MINUTE } from '../kit/time.ts';
import { AnswerMap } from '../naming/answer-map.ts';
import { AddressTable } from '../packet/address-table.ts';
import { Rcode } from '../packet/dns-codes.ts';
import { IpProtocol } from '../packet/layers.ts';
import { deriveKey, type PseudonymKey } from '../privacy/key.ts';
import { createPseudonymizer, type Pseudonymizer } from '../privacy/pseudonymizer.ts';
import { DNS_TIMEOUT_US } from '../probe/dns-tracker.ts';
import { Double, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { EndReason, ProbeObserver } from '../probe/observer.ts';
import { Probe, type ProbeOptions } from '../probe/probe.ts';
import { highHalf, lowHalf } from '../probe/tcp-control.ts';
import { writeExchange } from '../probe/write-exchange.ts';
import { writeBurst, writeFlow } from '../probe/write-flow.ts';
import { writeSession } from '../probe/write-session.ts';
import type { Batch, SealedBatch } from '../tickets/batch.ts';
import type { origin } from '../tickets/column.ts';
import { bursts, counters, dns, flows, http, sessions } from '../tickets/index.ts';
import { type ClientKey, ClientSystems } from './client-systems.ts';
import { FlowLabels } from './flow-labels.ts';
import { Counted, emptyShare, MinuteCounters } from './minute-counters.ts';
import { OpenBatch } from './open-batch.ts';

const MAX_ANSWERS = 1 << 21;
const MAX_ANSWERS_PER_CLIENT = 1 << 14;
const MAX_NAMES_PER_SERVER = 64;
const EPOCH_SIZE = 1 << 20;
/** A longer text counts as several. */
const CHARACTERS_OF_A_NAME = 64;

export interface LabelOptions extends Omit<ProbeOptions, 'flowIdKey'> {
  /** `source` of every row. */
  readonly source: string;
  readonly catalog: Catalog;
  readonly addresses: AddressDatabase;
  /** Which handset a TAC stands for. */
  readonly handsets?: TacTable;
  readonly key: PseudonymKey;
  readonly keepAddresses: boolean;
  /** Names and addresses held after which those no longer in use are given up. */
  readonly epochSize?: number;
  /** DNS answers held; beyond it the one that was given longest ago goes. */
  readonly maxAnswers?: number;
}

/**
 * The one list that orders the labellers: name (at the first packet), service by name, system of the client, addresses
 * while they are still raw, and privacy last, before a batch is sealed.
 */
export class LabelledTickets implements ProbeObserver {
  readonly probe: Probe;
  /** `source` of the rows that come. */
  source: string;
  /** Batches that wait to be taken, oldest first. */
  readonly sealed: SealedBatch[] = [];
  /** Rows of all tables. */
  rows = 0;
  readonly options: LabelOptions;
  readonly #interner = new Interner();
  readonly #addressTable = new AddressTable();
  #answers: AnswerMap;
  readonly #labels: FlowLabels;
  readonly #systems: ClientSystems;
  readonly #minutes: MinuteCounters;
  readonly #enrich: FlowEnricher;
  readonly #pseudonyms: Pseudonymizer;
  readonly #userHash: HalfSipHash;
  readonly #flows: OpenBatch<typeof flows.columns>;
  readonly #dns: OpenBatch<typeof dns.columns>;
  readonly #http: OpenBatch<typeof http.columns>;
  readonly #bursts: OpenBatch<typeof bursts.columns>;
  readonly #counters: OpenBatch<typeof counters.columns>;
  readonly #sessions: OpenBatch<typeof sessions.columns>;
  readonly #open: readonly OpenBatch<typeof origin>[];
  #nextEpochSize: number;
  /** Of the flow that is counted, filled anew for each. */
  readonly #share = emptyShare();

  constructor(options: LabelOptions) {
    this.options = options;
    this.source = options.source;
    this.#nextEpochSize = options.epochSize ?? EPOCH_SIZE;
    this.#answers = newAnswerMap(options);
    const interner = this.#interner;
    const flowIdKey = deriveKey(options.key, 'flow-id');
    this.probe = new Probe({ ...options, flowIdKey }, interner, this.#addressTable, this);
    this.#labels = new FlowLabels(this.probe, () => this.#answers, options.catalog, options.addresses);
    this.#systems = new ClientSystems(interner);
    this.#minutes = new MinuteCounters(this.#labels);
    this.#enrich = enrichFlows(options.addresses);
    this.#pseudonyms = createPseudonymizer(options);
    this.#userHash = new HalfSipHash(deriveKey(options.key, 'user-count'));
    const hideIdentities = (batch: Batch): void => this.#pseudonyms.label(batch);
    this.#flows = new OpenBatch(flows, interner, (batch) => {
      this.#enrich.label(batch);
      hideIdentities(batch);
    });
    this.#dns = new OpenBatch(dns, interner, hideIdentities);
    this.#http = new OpenBatch(http, interner, hideIdentities);
    this.#bursts = new OpenBatch(bursts, interner, hideIdentities);
    this.#counters = new OpenBatch(counters, interner, hideIdentities);
    this.#sessions = new OpenBatch(sessions, interner, hideIdentities);
    this.#open = [this.#flows, this.#dns, this.#http, this.#bursts, this.#counters, this.#sessions];
  }

  /** Labels by these rules from now on, between two packets. */
  useCatalog(catalog: Catalog): void {
    this.#labels.useCatalog(catalog);
  }

  /** Begins the account of another import, whose rows come from now on. */
  begin(source: string): void {
    this.seal();
    this.source = source;
    this.rows = 0;
    this.probe.reasons.fill(0);
    this.probe.dns.malformed = 0;
    this.probe.sessions.beginAccount();
  }

  opened(flow: number): void {
    this.#labels.opened(flow);
    this.#noteHolder(flow);
  }

  /** What mobile sessions tell of the client of a flow that opens: since when the address is his, and which handset he has. */
  #noteHolder(flow: number): void {
    const { sessions, flows } = this.probe;
    const session = sessions.flows.clientState(flows.words[flow * RECORD_WORDS + Word.MOBILE]!);
    if (session === undefined && sessions.heldSince === Number.NEGATIVE_INFINITY) return;
    const client = this.#clientOf(flow);
    // A subscriber takes what is known of him along.
    if (typeof client === 'number') this.#systems.passed(client, sessions.heldSince);
    const handset = session && this.options.handsets?.handset(session.tac);
    if (handset !== undefined) this.#systems.carries(client, handset);
  }

  named(flow: number, kind: 'sni' | 'http'): void {
    this.#labels.named(flow, kind);
  }

  identified(flow: number, kind: 'syn' | 'user-agent', text: number): void {
    const client = this.#clientOf(flow);
    if (kind === 'syn') this.#systems.sentSyn(client, text, this.probe.clock);
    else this.#systems.sentAgent(flow, client, text, this.probe.clock);
  }

  answered(client: number, server: number, name: number, at: number, ttlS: number): void {
    this.#answers.answered(client, server, name, at, ttlS);
    this.#labels.answered(server, name, at);
  }

  spoke(flow: number, bytes: Uint8Array, start: number, end: number): void {
    this.#labels.spoke(flow, bytes, start, end);
  }

  transacted(): void {
    const { dns: tracker, clock } = this.probe;
    const transaction = tracker.transaction!;
    if (tracker.echConfig && transaction.qname !== 0) {
      this.#labels.names.echConfigured(transaction.client, transaction.qname);
    }
    const { batch } = this.#dns;
    const row = batch.begin();
    tracker.write(batch, row);
    const rule = this.#labels.ruleOfName(transaction.qname, clock);
    if (rule !== undefined) {
      batch.columns.service[row] = this.#interner.word(rule.service);
      batch.columns.class[row] = this.#interner.word(rule.class);
    }
    this.#finishRow(this.#dns, row);
    const counted = tracker.isUnicast ? countedDns(tracker.rcode, clock - transaction.lastAskedAt) : undefined;
    const countedAt = counted === Counted.dns_timeout ? transaction.lastAskedAt : clock;
    if (counted !== undefined) this.#minutes.addDns(minuteOf(countedAt), rule, counted);
  }

  lived(flow: number, minuteAt: number): void {
    this.#labels.lived(flow);
    const { words, doubles } = this.probe.flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    const bits = words[w + Word.BITS]!;
    const hasRtt = (bits & FlowBit.RTT_THIS_MINUTE) !== 0;
    const share = this.#share;
    share[Counted.flows_opened] = (bits & FlowBit.OPENED_THIS_MINUTE) !== 0 ? 1 : 0;
    share[Counted.syns] = lowHalf(words[w + Word.MINUTE_OPENINGS]!);
    share[Counted.synacks] = highHalf(words[w + Word.MINUTE_OPENINGS]!);
    share[Counted.fins] = lowHalf(words[w + Word.MINUTE_CLOSINGS]!);
    share[Counted.rsts] = highHalf(words[w + Word.MINUTE_CLOSINGS]!);
    share[Counted.up_packets] = words[w + Word.MINUTE_UP_PACKETS]!;
    share[Counted.down_packets] = words[w + Word.MINUTE_DOWN_PACKETS]!;
    share[Counted.up_bytes] = doubles[d + Double.MINUTE_UP_BYTES]!;
    share[Counted.down_bytes] = doubles[d + Double.MINUTE_DOWN_BYTES]!;
    share[Counted.server_rtt_us_sum] = hasRtt ? words[w + Word.SERVER_RTT]! : 0;
    share[Counted.server_rtt_us_n] = hasRtt ? 1 : 0;
    this.#minutes.addFlow(minuteAt, flow, this.#clientHash(flow), share);
  }

  exchanged(): void {
    const { batch } = this.#http;
    const row = batch.begin();
    writeExchange(this.probe, batch, row);
    this.#finishRow(this.#http, row);
  }

  bursted(flow: number): void {
    const { batch } = this.#bursts;
    const row = batch.begin();
    writeBurst(this.probe, flow, batch, row);
    this.#finishRow(this.#bursts, row);
  }

  sessionEnded(): void {
    const { batch } = this.#sessions;
    const row = batch.begin();
    writeSession(this.probe.sessions.ended!, this.#addressTable, this.probe.sessions.nodes, batch, row);
    this.#finishRow(this.#sessions, row);
  }

  minute(at: number): void {
    this.#closeMinutes(at);
  }

  closed(flow: number, reason: EndReason): void {
    const { batch } = this.#flows;
    const row = batch.begin();
    writeFlow(this.probe, flow, reason, batch, row);
    this.#labels.close(flow, batch, row);
    this.#writeSystem(flow, batch, row);
    this.#finishRow(this.#flows, row);
  }

  /** The input is over: closes flows, minutes and batches. */
  finish(): void {
    this.probe.finish();
    this.#closeMinutes(Number.POSITIVE_INFINITY);
    this.seal();
  }

  /** The subscriber, else the address. */
  #clientOf(flow: number): ClientKey {
    const { flows, sessions } = this.probe;
    const identity = sessions.flows.identity(flows.words[flow * RECORD_WORDS + Word.MOBILE]!);
    return identity === '' ? flows.clientId(flow) : identity;
  }

  #writeSystem(flow: number, { columns }: Batch<typeof flows.columns>, row: number): void {
    const { flows: table, clock } = this.probe;
    const isTcp = table.protocol(flow) === IpProtocol.TCP;
    const signature = isTcp ? table.words[flow * RECORD_WORDS + Word.SYN_SIGNATURE]! : 0;
    const startedAt = columns.started_at[row]!;
    const { os, source, device } = this.#systems.close(flow, this.#clientOf(flow), signature, startedAt, clock);
    columns.os[row] = this.#interner.word(os);
    columns.os_source[row] = this.#interner.word(source);
    if (device !== '') columns.device[row] = this.#interner.code(device);
  }

  /** Of what the client is known by: a subscriber counts once, whatever the addresses. */
  #clientHash(flow: number): number {
    const client = this.#clientOf(flow);
    if (typeof client === 'string') {
      for (let i = 0; i < client.length; i++) this.#userHash.add(client.charCodeAt(i));
      return this.#userHash.digest();
    }
    const addresses = this.#addressTable;
    const length = addresses.isIpv6(client) ? 4 : 1;
    for (let i = 0; i < length; i++) this.#userHash.add(addresses.word(client, i));
    return this.#userHash.digest();
  }

  #closeMinutes(at: number): void {
    for (const minuteAt of this.#minutes.due(at)) {
      this.#minutes.close(
        minuteAt,
        () => ({ batch: this.#counters.batch, row: this.#counters.batch.begin() }),
        () => this.#finishRow(this.#counters, this.#counters.batch.rows),
      );
    }
  }

  #finishRow(open: OpenBatch<typeof origin>, row: number): void {
    const { columns } = open.batch;
    columns.reported_at[row] = this.probe.clock;
    open.batch.end();
    this.rows++;
    if (open.batch.full) this.#seal(open);
  }

  #seal(open: OpenBatch<typeof origin>): void {
    const { columns, rows } = open.batch;
    if (rows === 0) return;
    columns.source.fill(this.#interner.code(this.source), 0, rows);
    columns.vantage.fill(this.#interner.code(this.options.vantage), 0, rows);
    this.sealed.push(open.seal());
  }

  /** Gives up the open batches, so that all rows so far wait to be taken. */
  seal(): void {
    for (const open of this.#open) this.#seal(open);
  }

  /** Lets the arrays of a sealed batch, of which all was taken, serve for other rows. */
  reuse(batch: SealedBatch): void {
    for (const open of this.#open) open.reuse(batch);
  }

  /**
   * To be called between packets, now and then: bounds the memory of names and addresses. With the batches sealed no
   * row holds a code, so those that live flows, answers and questions hold are moved to a new epoch, and addresses that
   * nothing holds are given up.
   */
  tidy(): void {
    if (this.#heldSize() >= this.#nextEpochSize) this.#renew();
  }

  #renew(): void {
    this.seal();
    const interner = this.#interner;
    const texts = new Map<number, string>();
    const remember = (code: number): number => {
      texts.set(code, interner.text(code));
      return code;
    };
    this.probe.recode(remember);
    this.#labels.recode(remember);
    this.#answers.forEachAnswer((_client, _server, name) => {
      remember(name);
    });
    interner.reset();
    const codeOf = (code: number): number => interner.code(texts.get(code) ?? '');
    this.probe.recode(codeOf);
    this.#labels.recode(codeOf);
    const answers = newAnswerMap(this.options);
    const marks = new Uint8Array(this.#addressTable.bound);
    this.#answers.forEachAnswer((client, server, name, at, ttlS) => {
      answers.answered(client, server, codeOf(name), at, ttlS);
      marks[client] = 1;
      marks[server] = 1;
    });
    this.#answers = answers;
    this.probe.markAddresses(marks);
    this.#labels.markAddresses(marks);
    this.#systems.markAddresses(marks, this.probe.clock);
    this.#addressTable.sweep(marks);
    this.#addressTable.forgetCodes();
    this.probe.sessions.forgetCodes();
    this.#enrich.reset();
    this.#systems.reset();
    this.#pseudonyms.reset();
    // What lives may itself be large: the next epoch comes when as much again was added.
    this.#nextEpochSize = 2 * this.#heldSize() + (this.options.epochSize ?? EPOCH_SIZE);
  }

  /**
   * What is open between two packets, as values that `structuredClone` takes; the rows so far are sealed. Typed arrays
   * are copies, all else is to be read at once.
   */
  checkpoint() {
    this.#renew();
    return {
      texts: this.#interner.checkpoint(),
      addresses: this.#addressTable.checkpoint(),
      answers: this.#answers.checkpoint(),
      probe: this.probe.checkpoint(),
      labels: this.#labels.checkpoint(),
      systems: this.#systems.checkpoint(),
      minutes: this.#minutes.checkpoint(),
    };
  }

  /** Goes on from a checkpoint, before the first packet. */
  restore(state: Checkpoint): void {
    this.#interner.restore(state.texts);
    this.#addressTable.restore(state.addresses);
    this.#answers.restore(state.answers);
    this.probe.restore(state.probe);
    this.#labels.restore(state.labels);
    this.#systems.restore(state.systems);
    this.#minutes.restore(state.minutes);
  }

  #heldSize(): number {
    return this.#interner.size + this.#interner.characters / CHARACTERS_OF_A_NAME + this.#addressTable.size;
  }
}

export type Checkpoint = ReturnType<LabelledTickets['checkpoint']>;

const newAnswerMap = ({ maxAnswers = MAX_ANSWERS }: LabelOptions): AnswerMap =>
  new AnswerMap({
    maxAnswers,
    maxAnswersPerClient: MAX_ANSWERS_PER_CLIENT,
    maxNamesPerServer: MAX_NAMES_PER_SERVER,
  });

const minuteOf = (at: number): number => Math.floor(at / MINUTE) * MINUTE;

/** The counter of a transaction, a place of `Counted`; a question that the input's end cut off is none. */
const countedDns = (rcode: number, ageUs: number): number | undefined => {
  switch (rcode) {
    case Rcode.NOERROR:
      return Counted.dns_ok;
    case Rcode.NXDOMAIN:
      return Counted.dns_nxdomain;
    case Rcode.SERVFAIL:
      return Counted.dns_servfail;
    case -1:
      return ageUs > DNS_TIMEOUT_US ? Counted.dns_timeout : undefined;
    default:
      return undefined;
  }
};
