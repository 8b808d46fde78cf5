/** What tells the service of a flow that has no name: its server's address, what its client sent first, its port. */
import { type Catalog, firstHolding } from '../catalog/catalog.ts';
import type { Rule } from '../catalog/rule.ts';
import { ServiceAddresses } from '../catalog/service-addresses.ts';
import type { AddressDatabase } from '../enrich/address-database.ts';
import { parseAddress } from '../packet/address.ts';
import { Double, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { Probe } from '../probe/probe.ts';
import { protocolName } from '../probe/protocol-name.ts';

export class NamelessFlows {
  readonly addresses: ServiceAddresses;
  readonly #probe: Probe;
  readonly #catalog: Catalog;
  readonly #database: AddressDatabase;

  constructor(probe: Probe, catalog: Catalog, database: AddressDatabase) {
    this.addresses = new ServiceAddresses(catalog);
    this.#probe = probe;
    this.#catalog = catalog;
    this.#database = database;
  }

  /** The rule of the names that lately led to the flow's server, if all were of one service; `addresses.confidence` goes with it. */
  byAddress(flow: number, at: number): Rule | undefined {
    const found = this.addresses.find(this.#serverOf(flow), at);
    return found ? this.#holding(flow, [this.addresses.rule!]) : undefined;
  }

  /** The rule that claims the first payload of the flow's client, [start, end) of `bytes`. */
  byPayload(flow: number, bytes: Uint8Array, start: number, end: number): Rule | undefined {
    return this.#holding(flow, this.#catalog.nameless.ofPayload(bytes, start, end));
  }

  /** The rule that claims the flow's server port. */
  byPort(flow: number): Rule | undefined {
    const { words } = this.#probe.flows;
    return this.#holding(flow, this.#catalog.nameless.ofPort(words[flow * RECORD_WORDS + Word.PORTS]! & 0xffff));
  }

  #serverOf(flow: number): number {
    return this.#probe.flows.serverId(flow);
  }

  #holding(flow: number, rules: readonly Rule[]): Rule | undefined {
    if (rules.length === 0) return undefined;
    const { flows } = this.#probe;
    const startedAt = flows.doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
    const port = flows.words[flow * RECORD_WORDS + Word.PORTS]! & 0xffff;
    const asn = rules.some(({ asns }) => asns.length > 0) ? this.#asnOf(flow, startedAt) : undefined;
    return firstHolding(rules, startedAt, port, protocolName(flows.protocol(flow)), asn);
  }

  #asnOf(flow: number, at: number): number {
    const address = parseAddress(this.#probe.addresses.text(this.#serverOf(flow)));
    return address === undefined ? Number.NaN : this.#database.find(address, at).asn;
  }
}
