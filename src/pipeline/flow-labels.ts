/** The labels of live flows: the DNS answer found at the first packet, and the rule that owns the name in use, or else the flow. */
import { type Catalog, firstHolding, isInForce } from '../catalog/catalog.ts';
import type { Rule } from '../catalog/rule.ts';
import type { AddressDatabase } from '../enrich/address-database.ts';
import type { AnswerMap } from '../naming/answer-map.ts';
import { defaultNamePolicy, dnsEvidence, nameByPolicy } from '../naming/dns-evidence.ts';
import { parseAddress } from '../packet/address.ts';
import { Double, FlowBit, protocolOf, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { Probe } from '../probe/probe.ts';
import { protocolName } from '../probe/protocol-name.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import { NamelessFlows } from './nameless-flows.ts';

/** Of a flow without one, and of a cell whose flow is over. */
const NONE = -1;
/** `sni_is_outer` in a byte: 0, 1, or that it cannot be told. */
const UNTOLD = -1;
/** What tells the service of a flow, best first; `NAME` also if there is a name that no rule owns. */
const Source = { NAME: 0, IP_SET: 1, PAYLOAD: 2, PORT: 3, NOTHING: 4 } as const;
const sourceWords = ['name', 'ip-set', 'payload', 'port', ''] as const;
/** Confidences are kept in a byte. */
const PERCENT = 100;
/** Cells for which there is room at first. */
const INITIAL_CELLS = 64;
/** Names with an ECH key that are remembered. */
const MAX_ECH_NAMES = 1 << 16;

const echKey = (client: number, name: number): string => `${client} ${name}`;

/** An array with the same start and room for `length`. */
const grown = <A extends Int8Array | Uint8Array | Int32Array | Uint32Array | Float64Array>(
  old: A,
  length: number,
): A => {
  const larger = new (old.constructor as new (length: number) => A)(length);
  larger.set(old);
  return larger;
};

/**
 * Minute counters count a minute under the label that is known when it is closed, by then of a flow that may be over: a
 * flow whose label may still change is counted by way of a cell, which outlives it.
 */
export class FlowLabels {
  readonly #probe: Probe;
  readonly #answers: () => AnswerMap;
  readonly #catalog: Catalog;
  readonly #nameless: NamelessFlows;
  /** By interner code: the rules that claim a name, whatever the time and port. */
  #claims: (readonly Rule[] | undefined)[] = [];
  /** By flow; a name of 0 is "no answer". A flow takes 27 bytes here. */
  #dnsNames = new Int32Array(0);
  #dnsAnsweredAt = new Float64Array(0);
  #dnsTtlsS = new Uint32Array(0);
  /** Is the server name the outer one of an encrypted ClientHello? `UNTOLD` too if there is none. */
  #sniIsOuter = new Int8Array(0);
  /** Places in `#rules`. */
  #ruleNumbers = new Int32Array(0);
  /** A `Source`, and how sure an address is of its service, in percent. */
  #sources = new Uint8Array(0);
  #confidences = new Uint8Array(0);
  #cells = new Int32Array(0);
  /** Only where there are several. */
  readonly #candidates = new Map<number, Int32Array>();
  /** Rules in use; the first place is that of none. */
  readonly #rules: (Rule | undefined)[] = [undefined];
  readonly #numbers = new Map<Rule | undefined, number>([[undefined, 0]]);
  /** By cell: its flow or `NONE`, the flow's last rule from then on, and how many hold the cell. */
  #cellFlows = new Int32Array(INITIAL_CELLS);
  #cellRules = new Int32Array(INITIAL_CELLS);
  #cellHolders = new Int32Array(INITIAL_CELLS);
  #cellCount = 0;
  readonly #freeCells: number[] = [];
  /** Pairs of client and name. */
  readonly #echNames = new Set<string>();

  constructor(probe: Probe, answers: () => AnswerMap, catalog: Catalog, database: AddressDatabase) {
    this.#probe = probe;
    this.#answers = answers;
    this.#catalog = catalog;
    this.#nameless = new NamelessFlows(probe, catalog, database);
  }

  /** The first packet of a flow: its DNS name is looked up and kept for life. Without one, address and port may tell. */
  opened(flow: number): void {
    const { flows } = this.#probe;
    if (flows.capacity > this.#cells.length) this.#grow(flows.capacity);
    const answers = this.#answers();
    // Answers to who had the address before name nothing.
    const since = this.#probe.sessions.heldSince;
    const found = answers.find(this.#addressId(flow, Word.CLIENT), this.#addressId(flow, Word.SERVER), since);
    this.#dnsNames[flow] = found ? answers.name : 0;
    if (found) {
      this.#dnsAnsweredAt[flow] = answers.answeredAt;
      this.#dnsTtlsS[flow] = answers.ttlS;
      if (answers.candidateCount > 1) this.#candidates.set(flow, answers.candidates.slice(0, answers.candidateCount));
    }
    this.#cells[flow] = NONE;
    this.#sniIsOuter[flow] = UNTOLD;
    this.#set(flow, Source.NOTHING, undefined);
    this.#labelByName(flow);
    this.#labelByAddress(flow);
    if (this.#sources[flow] === Source.NOTHING) this.#label(flow, Source.PORT, this.#nameless.byPort(flow));
  }

  #addressId(flow: number, end: typeof Word.CLIENT | typeof Word.SERVER): number {
    return this.#probe.flows.addressId(flow, end, this.#probe.addresses);
  }

  /** The flow showed a name itself. */
  named(flow: number, kind: 'sni' | 'http'): void {
    if (kind === 'sni') this.#sniIsOuter[flow] = this.#judgeSni(flow);
    this.#labelByName(flow);
    const { name, source } = this.#nameOf(flow);
    if (source === kind) this.#learn(this.#addressId(flow, Word.SERVER), name, this.#probe.clock);
  }

  /** The client of the flow sent its first payload, [start, end) of `bytes`, which shows no name. */
  spoke(flow: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#sources[flow]! <= Source.PAYLOAD) return;
    this.#label(flow, Source.PAYLOAD, this.#nameless.byPayload(flow, bytes, start, end));
  }

  /** A minute of the flow is to be told of: what was learned since may tell of its server. */
  lived(flow: number): void {
    this.#labelByAddress(flow);
  }

  /** A resolver said that `name` is at `server`, to whomever: that teaches, and names no flow. */
  answered(server: number, name: number, at: number): void {
    this.#learn(server, name, at);
  }

  /** A name, an interner code, that is no literal of an address was at `server`. */
  #learn(server: number, name: number, at: number): void {
    if (name === 0) return;
    const rule = this.#claimsOf(name).find((claim) => isInForce(claim, at));
    if (rule === undefined && parseAddress(this.#probe.interner.text(name)) !== undefined) return;
    this.#nameless.addresses.learn(server, rule, at);
  }

  /** A resolver gave `client` a key for encrypted ClientHellos to `name`. */
  echConfigured(client: number, name: number): void {
    if (this.#echNames.size === MAX_ECH_NAMES) this.#echNames.clear();
    this.#echNames.add(echKey(client, name));
  }

  /**
   * A hello with ECH may be real or GREASE, which look alike. It is real if the client had been given a key for a name
   * at this server, and the name in the clear is none that it had asked for.
   */
  #judgeSni(flow: number): number {
    const { words } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    if ((words[w + Word.BITS]! & FlowBit.ECH_OFFERED) === 0) return 0;
    const names = this.#candidates.get(flow) ?? [this.#dnsNames[flow]!];
    if (names.includes(words[w + Word.SNI]!)) return 0;
    const client = this.#addressId(flow, Word.CLIENT);
    return names.some((name) => this.#echNames.has(echKey(client, name))) ? 1 : UNTOLD;
  }

  /** The name in use may have changed: the rule is looked up anew. */
  #labelByName(flow: number): void {
    const { words, doubles } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    const { name } = this.#nameOf(flow);
    if (name === 0) return;
    const rule = this.ruleOfName(
      name,
      doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!,
      words[w + Word.PORTS]! & 0xffff,
      protocolName(protocolOf(words[w + Word.BITS]!)),
    );
    this.#set(flow, Source.NAME, rule);
  }

  /** Asks the addresses, unless something better told of the flow. */
  #labelByAddress(flow: number): void {
    if (this.#sources[flow]! <= Source.PAYLOAD) return;
    this.#label(flow, Source.IP_SET, this.#nameless.byAddress(flow, this.#probe.clock));
  }

  #label(flow: number, source: number, rule: Rule | undefined): void {
    if (rule !== undefined) this.#set(flow, source, rule);
  }

  #set(flow: number, source: number, rule: Rule | undefined): void {
    this.#sources[flow] = source;
    if (source === Source.IP_SET) {
      this.#confidences[flow] = Math.floor(this.#nameless.addresses.confidence * PERCENT);
    }
    let number = this.#numbers.get(rule);
    if (number === undefined) {
      number = this.#rules.push(rule) - 1;
      this.#numbers.set(rule, number);
    }
    this.#ruleNumbers[flow] = number;
  }

  /** The rule that owns a name (an interner code) at a time, on a server port and protocol. */
  ruleOfName(name: number, at: number, port?: number, protocol?: string): Rule | undefined {
    return name === 0 ? undefined : firstHolding(this.#claimsOf(name), at, port, protocol);
  }

  #claimsOf(name: number): readonly Rule[] {
    let claims = this.#claims[name];
    if (claims === undefined) {
      claims = this.#catalog.matchesOf(this.#probe.interner.text(name));
      this.#claims[name] = claims;
    }
    return claims;
  }

  /** The name to use and where it is from: SNI, else HTTP Host, else DNS under the default policy. */
  #nameOf(flow: number): { name: number; source: '' | 'sni' | 'http' | 'dns' } {
    const { words, doubles } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    const sni = words[w + Word.SNI]!;
    if (sni !== 0 && this.#sniIsOuter[flow] !== 1) return { name: sni, source: 'sni' };
    const host = words[w + Word.HTTP_HOST]!;
    if (host !== 0) return { name: host, source: 'http' };
    const name = this.#dnsNames[flow]!;
    const startedAt = doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
    const isGood =
      name !== 0 && nameByPolicy(defaultNamePolicy, startedAt, this.#dnsAnsweredAt[flow]!, this.#dnsTtlsS[flow]!);
    return isGood ? { name, source: 'dns' } : { name: 0, source: '' };
  }

  /** The rule that owns the flow by what is known now. */
  ruleOf(flow: number): Rule | undefined {
    return this.#rules[this.#ruleNumbers[flow]!];
  }

  /** Will the flow show no other name? Then its rule stays what it is. */
  isFinal(flow: number): boolean {
    const { words } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    const bits = words[w + Word.BITS]!;
    return (bits & FlowBit.SETTLED) !== 0 && ((bits & FlowBit.HTTP) === 0 || words[w + Word.HTTP_HOST] !== 0);
  }

  /** The flow's cell, held until `release`. */
  hold(flow: number): number {
    let cell = this.#cells[flow]!;
    if (cell === NONE) {
      cell = this.#freeCells.pop() ?? this.#cellCount++;
      if (cell === this.#cellFlows.length) this.#growCells();
      this.#cells[flow] = cell;
      this.#cellFlows[cell] = flow;
    }
    this.#cellHolders[cell]!++;
    return cell;
  }

  /** Does the rule of the cell stay what it is? */
  isSettled(cell: number): boolean {
    const flow = this.#cellFlows[cell]!;
    return flow === NONE || this.isFinal(flow);
  }

  ruleOfCell(cell: number): Rule | undefined {
    const flow = this.#cellFlows[cell]!;
    return flow === NONE ? this.#rules[this.#cellRules[cell]!] : this.ruleOf(flow);
  }

  release(cell: number): void {
    if (--this.#cellHolders[cell]! > 0) return;
    const flow = this.#cellFlows[cell]!;
    if (flow !== NONE) this.#cells[flow] = NONE;
    this.#freeCells.push(cell);
  }

  /** Fills name, evidence and service of `row`, and lets go of the flow. */
  close(flow: number, batch: Batch<typeof flows.columns>, row: number): void {
    const { interner } = this.#probe;
    const { columns } = batch;
    const dnsName = this.#dnsNames[flow]!;
    if (dnsName !== 0) {
      const startedAt = columns.started_at[row]!;
      const answeredAt = this.#dnsAnsweredAt[flow]!;
      const ttlS = this.#dnsTtlsS[flow]!;
      columns.dns_name[row] = dnsName;
      columns.dns_answered_at[row] = answeredAt;
      columns.dns_ttl_s[row] = ttlS;
      columns.dns_evidence[row] = interner.code(dnsEvidence(startedAt, answeredAt, ttlS));
      for (const name of this.#candidates.get(flow) ?? [dnsName]) columns.dns_candidates.push(name);
      this.#candidates.delete(flow);
    }
    const { name, source } = this.#nameOf(flow);
    columns.fqdn[row] = name;
    columns.fqdn_source[row] = interner.code(source);
    const isOuter = this.#sniIsOuter[flow]!;
    columns.sni_is_outer[row] = isOuter === UNTOLD ? Number.NaN : isOuter;
    const rule = this.ruleOf(flow);
    if (rule !== undefined) {
      columns.service[row] = interner.code(rule.service);
      columns.class[row] = interner.code(rule.class);
      const source = this.#sources[flow]!;
      columns.service_source[row] = interner.code(sourceWords[source]!);
      if (source === Source.IP_SET) columns.service_confidence[row] = this.#confidences[flow]! / PERCENT;
      columns.rule[row] = interner.code(rule.rule);
    }
    const cell = this.#cells[flow]!;
    if (cell === NONE) return;
    this.#cellFlows[cell] = NONE;
    this.#cellRules[cell] = this.#ruleNumbers[flow]!;
  }

  /** Marks the address ids in use here and nowhere else. */
  markAddresses(marks: Uint8Array): void {
    this.#nameless.addresses.markAddresses(marks, this.#probe.clock);
    for (const key of this.#echNames) marks[Number(key.split(' ')[0])] = 1;
  }

  /** Gives every code that a live flow holds its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    this.#claims = [];
    const echNames = [...this.#echNames].map((key) => key.split(' ').map(Number) as [number, number]);
    this.#echNames.clear();
    for (const [client, name] of echNames) this.#echNames.add(echKey(client, codeOf(name)));
    this.#probe.flows.forEach((flow) => {
      this.#dnsNames[flow] = codeOf(this.#dnsNames[flow]!);
    });
    for (const [flow, names] of this.#candidates) this.#candidates.set(flow, names.map(codeOf));
  }

  checkpoint() {
    const { bound } = this.#probe.flows;
    return {
      rulesVersion: this.#catalog.version,
      rules: this.#rules.slice(),
      dnsNames: this.#dnsNames.slice(0, bound),
      dnsAnsweredAt: this.#dnsAnsweredAt.slice(0, bound),
      dnsTtlsS: this.#dnsTtlsS.slice(0, bound),
      sniIsOuter: this.#sniIsOuter.slice(0, bound),
      ruleNumbers: this.#ruleNumbers.slice(0, bound),
      sources: this.#sources.slice(0, bound),
      confidences: this.#confidences.slice(0, bound),
      cells: this.#cells.slice(0, bound),
      candidates: this.#candidates,
      cellFlows: this.#cellFlows.slice(0, this.#cellCount),
      cellRules: this.#cellRules.slice(0, this.#cellCount),
      cellHolders: this.#cellHolders.slice(0, this.#cellCount),
      freeCells: this.#freeCells,
      echNames: this.#echNames,
      addresses: this.#nameless.addresses.checkpoint(),
    };
  }

  /** Once the flows are restored. Where the rules have changed since, those that own live flows are looked up anew. */
  restore(state: ReturnType<FlowLabels['checkpoint']>): void {
    const { flows } = this.#probe;
    this.#dnsNames = grown(state.dnsNames, flows.capacity);
    this.#dnsAnsweredAt = grown(state.dnsAnsweredAt, flows.capacity);
    this.#dnsTtlsS = grown(state.dnsTtlsS, flows.capacity);
    this.#sniIsOuter = grown(state.sniIsOuter, flows.capacity);
    this.#ruleNumbers = grown(state.ruleNumbers, flows.capacity);
    this.#sources = grown(state.sources, flows.capacity);
    this.#confidences = grown(state.confidences, flows.capacity);
    this.#cells = grown(state.cells, flows.capacity);
    for (const [flow, names] of state.candidates) this.#candidates.set(flow, names);
    this.#cellCount = state.cellFlows.length;
    while (this.#cellFlows.length < this.#cellCount) this.#growCells();
    this.#cellFlows.set(state.cellFlows);
    this.#cellRules.set(state.cellRules);
    this.#cellHolders.set(state.cellHolders);
    this.#freeCells.push(...state.freeCells);
    for (const name of state.echNames) this.#echNames.add(name);
    this.#nameless.addresses.restore(state.addresses);

    const known = new Map(this.#catalog.files.flatMap(({ rules }) => rules.map((rule) => [rule.rule, rule])));
    const isSame = state.rulesVersion === this.#catalog.version;
    for (const [number, saved] of state.rules.entries()) {
      if (saved === undefined) continue;
      const rule = (isSame ? known.get(saved.rule) : undefined) ?? saved;
      this.#rules[number] = rule;
      this.#numbers.set(rule, number);
    }
    if (isSame) return;
    flows.forEach((flow) => {
      this.#labelByName(flow);
    });
  }

  #grow(flows: number): void {
    this.#dnsNames = grown(this.#dnsNames, flows);
    this.#dnsAnsweredAt = grown(this.#dnsAnsweredAt, flows);
    this.#dnsTtlsS = grown(this.#dnsTtlsS, flows);
    this.#sniIsOuter = grown(this.#sniIsOuter, flows);
    this.#ruleNumbers = grown(this.#ruleNumbers, flows);
    this.#sources = grown(this.#sources, flows);
    this.#confidences = grown(this.#confidences, flows);
    this.#cells = grown(this.#cells, flows);
  }

  #growCells(): void {
    const cells = 2 * this.#cellFlows.length;
    this.#cellFlows = grown(this.#cellFlows, cells);
    this.#cellRules = grown(this.#cellRules, cells);
    this.#cellHolders = grown(this.#cellHolders, cells);
  }
}
