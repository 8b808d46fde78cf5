/** The names of live flows: the DNS answer found at the first packet, and what the flow shows itself. */
import type { AnswerMap } from '../naming/answer-map.ts';
import { defaultNamePolicy, dnsEvidence, nameByPolicy } from '../naming/dns-evidence.ts';
import { Double, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { Probe } from '../probe/probe.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import { grown } from './grown.ts';

/** `sni_is_outer` in a byte: 0, 1, or that it cannot be told. */
const UNTOLD = -1;
/** Names with an ECH key that are remembered. */
const MAX_ECH_NAMES = 1 << 16;

const echKey = (client: number, name: number): string => `${client} ${name}`;

export class FlowNames {
  /** Of the flow that `find` was asked for last: the name to use, an interner code, and where it is from; 0 and '' for none. */
  name = 0;
  source: '' | 'sni' | 'http' | 'dns' = '';
  readonly #probe: Probe;
  readonly #answers: () => AnswerMap;
  /** By flow; a name of 0 is "no answer". A flow takes 17 bytes here. */
  #dnsNames = new Int32Array(0);
  #dnsAnsweredAt = new Float64Array(0);
  #dnsTtlsS = new Uint32Array(0);
  /** Is the server name the outer one of an encrypted ClientHello? `UNTOLD` too if there is none. */
  #sniIsOuter = new Int8Array(0);
  /** Only where there are several. */
  readonly #candidates = new Map<number, Int32Array>();
  /** Pairs of client and name. */
  readonly #echNames = new Set<string>();

  constructor(probe: Probe, answers: () => AnswerMap) {
    this.#probe = probe;
    this.#answers = answers;
  }

  /** The first packet of a flow: its DNS name is looked up and kept for life. */
  opened(flow: number): void {
    const { flows, sessions } = this.#probe;
    if (flows.capacity > this.#dnsNames.length) this.#grow(flows.capacity);
    const answers = this.#answers();
    const client = flows.clientId(flow);
    // Answers to who had the address before name nothing.
    const found = answers.find(client, flows.serverId(flow), sessions.heldSince);
    this.#dnsNames[flow] = found ? answers.name : 0;
    if (found) {
      this.#dnsAnsweredAt[flow] = answers.answeredAt;
      this.#dnsTtlsS[flow] = answers.ttlS;
      if (answers.candidateCount > 1) this.#candidates.set(flow, answers.candidates.slice(0, answers.candidateCount));
    }
    this.#sniIsOuter[flow] = UNTOLD;
  }

  /** A resolver gave `client` a key for encrypted ClientHellos to `name`. */
  echConfigured(client: number, name: number): void {
    if (this.#echNames.size === MAX_ECH_NAMES) this.#echNames.clear();
    this.#echNames.add(echKey(client, name));
  }

  /** The flow showed a server name. */
  showedSni(flow: number): void {
    this.#sniIsOuter[flow] = this.#judgeSni(flow);
  }

  /**
   * A hello with ECH may be real or GREASE, which look alike. It is real if the client had been given a key for a name
   * at this server, and the name in the clear is none that it had asked for.
   */
  #judgeSni(flow: number): number {
    const { flows } = this.#probe;
    const w = flow * RECORD_WORDS;
    if ((flows.words[w + Word.BITS]! & FlowBit.ECH_OFFERED) === 0) return 0;
    const names = this.#candidates.get(flow) ?? [this.#dnsNames[flow]!];
    if (names.includes(flows.words[w + Word.SNI]!)) return 0;
    const client = flows.clientId(flow);
    return names.some((name) => this.#echNames.has(echKey(client, name))) ? 1 : UNTOLD;
  }

  /** Finds the name to use: SNI, else HTTP Host, else DNS under the default policy; false if there is none. */
  find(flow: number): boolean {
    const { words, doubles } = this.#probe.flows;
    const w = flow * RECORD_WORDS;
    const sni = words[w + Word.SNI]!;
    if (sni !== 0 && this.#sniIsOuter[flow] !== 1) return this.#found(sni, 'sni');
    const host = words[w + Word.HTTP_HOST]!;
    if (host !== 0) return this.#found(host, 'http');
    const name = this.#dnsNames[flow]!;
    const startedAt = doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
    const isGood =
      name !== 0 && nameByPolicy(defaultNamePolicy, startedAt, this.#dnsAnsweredAt[flow]!, this.#dnsTtlsS[flow]!);
    return isGood ? this.#found(name, 'dns') : this.#found(0, '');
  }

  #found(name: number, source: FlowNames['source']): boolean {
    this.name = name;
    this.source = source;
    return name !== 0;
  }

  /** Fills names and their evidence, and lets go of the flow. */
  close(flow: number, { columns }: Batch<typeof flows.columns>, row: number): void {
    const { interner } = this.#probe;
    const dnsName = this.#dnsNames[flow]!;
    if (dnsName !== 0) {
      const answeredAt = this.#dnsAnsweredAt[flow]!;
      const ttlS = this.#dnsTtlsS[flow]!;
      columns.dns_name[row] = dnsName;
      columns.dns_answered_at[row] = answeredAt;
      columns.dns_ttl_s[row] = ttlS;
      columns.dns_evidence[row] = interner.word(dnsEvidence(columns.started_at[row]!, answeredAt, ttlS));
      const candidates = this.#candidates.get(flow);
      if (candidates === undefined) columns.dns_candidates.push(dnsName);
      else {
        for (const name of candidates) columns.dns_candidates.push(name);
        this.#candidates.delete(flow);
      }
    }
    this.find(flow);
    columns.fqdn[row] = this.name;
    columns.fqdn_source[row] = interner.word(this.source);
    const isOuter = this.#sniIsOuter[flow]!;
    columns.sni_is_outer[row] = isOuter === UNTOLD ? Number.NaN : isOuter;
  }

  /** Marks the address ids in use here and nowhere else. */
  markAddresses(marks: Uint8Array): void {
    for (const key of this.#echNames) marks[Number(key.split(' ')[0])] = 1;
  }

  /** Gives every code that a live flow holds its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
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
      dnsNames: this.#dnsNames.slice(0, bound),
      dnsAnsweredAt: this.#dnsAnsweredAt.slice(0, bound),
      dnsTtlsS: this.#dnsTtlsS.slice(0, bound),
      sniIsOuter: this.#sniIsOuter.slice(0, bound),
      candidates: this.#candidates,
      echNames: this.#echNames,
    };
  }

  /** Once the flows are restored. */
  restore(state: ReturnType<FlowNames['checkpoint']>): void {
    const { capacity } = this.#probe.flows;
    this.#dnsNames = grown(state.dnsNames, capacity);
    this.#dnsAnsweredAt = grown(state.dnsAnsweredAt, capacity);
    this.#dnsTtlsS = grown(state.dnsTtlsS, capacity);
    this.#sniIsOuter = grown(state.sniIsOuter, capacity);
    for (const [flow, names] of state.candidates) this.#candidates.set(flow, names);
    for (const name of state.echNames) this.#echNames.add(name);
  }

  #grow(flows: number): void {
    this.#dnsNames = grown(this.#dnsNames, flows);
    this.#dnsAnsweredAt = grown(this.#dnsAnsweredAt, flows);
    this.#dnsTtlsS = grown(this.#dnsTtlsS, flows);
    this.#sniIsOuter = grown(this.#sniIsOuter, flows);
  }
}
