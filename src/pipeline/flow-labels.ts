/** The services of live flows: the rule that owns the name in use, or else the flow. */
import { type Catalog, firstHolding, isInForce } from '../catalog/catalog.ts';
import type { Rule } from '../catalog/rule.ts';
import type { AddressDatabase } from '../enrich/address-database.ts';
import { CodeCache } from '../kit/code-cache.ts';
import type { AnswerMap } from '../naming/answer-map.ts';
import { parseAddress } from '../packet/address.ts';
import { Double, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { Probe } from '../probe/probe.ts';
import { protocolName } from '../probe/protocol-name.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import { FlowNames } from './flow-names.ts';
import { grown } from './grown.ts';
import { LabelCells } from './label-cells.ts';
import { NameClaims } from './name-claims.ts';
import { NamelessFlows } from './nameless-flows.ts';

/** What tells the service of a flow, best first; `NAME` also if there is a name that no rule owns. */
const Source = { NAME: 0, IP_SET: 1, PAYLOAD: 2, PORT: 3, NOTHING: 4 } as const;
const sourceWords = ['name', 'ip-set', 'payload', 'port', ''] as const;
/** Confidences are kept in a byte. */
const PERCENT = 100;

/**
 * Minute counters count a minute under the label that is known when it is closed, by then of a flow that may be over: a
 * flow whose label may still change is counted by way of a cell, which outlives it.
 */
export class FlowLabels {
  readonly names: FlowNames;
  readonly #probe: Probe;
  readonly #database: AddressDatabase;
  #catalog: Catalog;
  #nameless: NamelessFlows;
  #claims: NameClaims;
  /** By interner code of a host: may it be a name (1), or is it an address (0)? */
  readonly #areNames = new CodeCache((host, interner) => (parseAddress(interner.text(host)) === undefined ? 1 : 0));
  /** By flow, in six bytes: a place in `#rules`, */
  #ruleNumbers = new Int32Array(0);
  /** a `Source`, and how sure an address is of its service, in percent. */
  #sources = new Uint8Array(0);
  #confidences = new Uint8Array(0);
  /** Rules in use; the first place is that of none. */
  readonly #rules: (Rule | undefined)[] = [undefined];
  readonly #numbers = new Map<Rule | undefined, number>([[undefined, 0]]);
  /** The version of the catalog that each of them is of; of none that of the catalog in use. */
  readonly #versions: string[];
  readonly #cells = new LabelCells();

  constructor(probe: Probe, answers: () => AnswerMap, catalog: Catalog, database: AddressDatabase) {
    this.names = new FlowNames(probe, answers);
    this.#probe = probe;
    this.#database = database;
    this.#catalog = catalog;
    this.#claims = new NameClaims(catalog, probe.interner);
    this.#nameless = new NamelessFlows(probe, catalog, database);
    this.#versions = [catalog.version];
  }

  /** Labels by these rules from now on: flows that open, and those that have a name. The others keep what told of them. */
  useCatalog(catalog: Catalog): void {
    if (catalog.version === this.#catalog.version) return;
    this.#catalog = catalog;
    this.#claims = new NameClaims(catalog, this.#probe.interner);
    this.#nameless = new NamelessFlows(this.#probe, catalog, this.#database);
    this.#versions[0] = catalog.version;
    this.#labelNames();
  }

  #labelNames(): void {
    this.#probe.flows.forEach((flow) => {
      this.#labelByName(flow);
    });
  }

  /** The first packet of a flow: a DNS name may tell its service, else its server's address or port. */
  opened(flow: number): void {
    const { capacity } = this.#probe.flows;
    if (capacity > this.#ruleNumbers.length) this.#grow(capacity);
    this.names.opened(flow);
    this.#cells.opened(flow, capacity);
    this.#set(flow, Source.NOTHING, undefined);
    this.#labelByName(flow);
    this.#labelByAddress(flow);
    if (this.#sources[flow] === Source.NOTHING) this.#label(flow, Source.PORT, this.#nameless.byPort(flow));
  }

  /** The flow showed a name itself. */
  named(flow: number, kind: 'sni' | 'http'): void {
    if (kind === 'sni') this.names.showedSni(flow);
    this.#labelByName(flow);
    // Of this flow, as it was just looked up.
    const { name, source } = this.names;
    const { flows, clock, interner } = this.#probe;
    const isName = source === kind && (kind === 'sni' || this.#areNames.of(name, interner) === 1);
    if (isName) this.answered(flows.serverId(flow), name, clock);
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

  /** A name, an interner code, is at `server`, as whoever was told: that teaches addresses, and names no flow. */
  answered(server: number, name: number, at: number): void {
    if (name === 0) return;
    const rule = this.#claims.of(name).find((claim) => isInForce(claim, at));
    this.#nameless.addresses.learn(server, rule, at);
  }

  /** The name in use may have changed: the rule is looked up anew. */
  #labelByName(flow: number): void {
    if (!this.names.find(flow)) return;
    const { flows } = this.#probe;
    const startedAt = flows.doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
    const port = flows.words[flow * RECORD_WORDS + Word.PORTS]! & 0xffff;
    this.#set(flow, Source.NAME, this.ruleOfName(this.names.name, startedAt, port, protocolName(flows.protocol(flow))));
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
      this.#versions.push(this.#catalog.version);
    }
    this.#ruleNumbers[flow] = number;
  }

  /** The rule that owns a name (an interner code) at a time, on a server port and protocol. */
  ruleOfName(name: number, at: number, port?: number, protocol?: string): Rule | undefined {
    return name === 0 ? undefined : firstHolding(this.#claims.of(name), at, port, protocol);
  }

  /** The rule that owns the flow by what is known now. */
  ruleOf(flow: number): Rule | undefined {
    return this.#rules[this.#ruleNumbers[flow]!];
  }

  /** Will the flow show no other name? Then what it did so far counts by the rule of now. */
  isFinal(flow: number): boolean {
    const { words } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    const bits = words[w + Word.BITS]!;
    return (bits & FlowBit.SETTLED) !== 0 && ((bits & FlowBit.HTTP) === 0 || words[w + Word.HTTP_HOST] !== 0);
  }

  /** A cell that tells the flow's rule even when it is over, held until `release`. */
  hold(flow: number): number {
    return this.#cells.hold(flow);
  }

  release(cell: number): void {
    this.#cells.release(cell);
  }

  /** Does the rule of the cell stay what it is? */
  isSettled(cell: number): boolean {
    const flow = this.#cells.flowOf(cell);
    return flow === undefined || this.isFinal(flow);
  }

  ruleOfCell(cell: number): Rule | undefined {
    const flow = this.#cells.flowOf(cell);
    return flow === undefined ? this.#rules[this.#cells.lastRuleOf(cell)] : this.ruleOf(flow);
  }

  /** Fills name, evidence and service of `row`, and lets go of the flow. */
  close(flow: number, batch: Batch<typeof flows.columns>, row: number): void {
    this.names.close(flow, batch, row);
    this.#cells.closed(flow, this.#ruleNumbers[flow]!);
    const { interner } = this.#probe;
    const { columns } = batch;
    columns.rules_version[row] = interner.word(this.#versions[this.#ruleNumbers[flow]!]!);
    const rule = this.ruleOf(flow);
    if (rule === undefined) return;
    const source = this.#sources[flow]!;
    columns.service[row] = interner.word(rule.service);
    columns.class[row] = interner.word(rule.class);
    columns.service_source[row] = interner.word(sourceWords[source]!);
    if (source === Source.IP_SET) columns.service_confidence[row] = this.#confidences[flow]! / PERCENT;
    columns.rule[row] = interner.word(rule.rule);
  }

  /** Marks the address ids in use here and nowhere else. */
  markAddresses(marks: Uint8Array): void {
    this.names.markAddresses(marks);
    this.#nameless.addresses.markAddresses(marks, this.#probe.clock);
  }

  /** Gives every code that a live flow holds its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    this.#claims.forget();
    this.#areNames.clear();
    this.names.recode(codeOf);
  }

  checkpoint() {
    const { bound } = this.#probe.flows;
    return {
      rulesVersion: this.#catalog.version,
      rules: this.#rules.slice(),
      versions: this.#versions.slice(),
      ruleNumbers: this.#ruleNumbers.slice(0, bound),
      sources: this.#sources.slice(0, bound),
      confidences: this.#confidences.slice(0, bound),
      cells: this.#cells.checkpoint(bound),
      names: this.names.checkpoint(),
      addresses: this.#nameless.addresses.checkpoint(),
    };
  }

  /** Once the flows are restored. Where the rules have changed since, those that own names of live flows are looked up anew. */
  restore(state: ReturnType<FlowLabels['checkpoint']>): void {
    const { flows } = this.#probe;
    this.#ruleNumbers = grown(state.ruleNumbers, flows.capacity);
    this.#sources = grown(state.sources, flows.capacity);
    this.#confidences = grown(state.confidences, flows.capacity);
    this.#cells.restore(state.cells, flows.capacity);
    this.names.restore(state.names);
    this.#nameless.addresses.restore(state.addresses);

    const known = new Map(this.#catalog.files.flatMap(({ rules }) => rules.map((rule) => [rule.rule, rule])));
    const { version } = this.#catalog;
    for (const [number, saved] of state.rules.entries()) {
      if (saved === undefined) continue;
      const rule = (state.versions[number] === version ? known.get(saved.rule) : undefined) ?? saved;
      this.#rules[number] = rule;
      this.#numbers.set(rule, number);
      this.#versions[number] = state.versions[number]!;
    }
    if (state.rulesVersion !== version) this.#labelNames();
  }

  #grow(flows: number): void {
    this.#ruleNumbers = grown(this.#ruleNumbers, flows);
    this.#sources = grown(this.#sources, flows);
    this.#confidences = grown(this.#confidences, flows);
  }
}
