/** Which operating system a client has, over time: evidence of some of its flows, told for its other flows too. */
import { osOfSyn } from '../enrich/os/os-of-syn.ts';
import { anyOs, type OsSet, osText } from '../enrich/os/os-set.ts';
import type { Handset } from '../enrich/os/tac-table.ts';
import { parseUserAgent, type UserAgent } from '../enrich/os/user-agent.ts';
import { CodeCache } from '../kit/code-cache.ts';
import type { Interner } from '../kit/interner.ts';
import {
  deviceOf,
  isAlive,
  latestTerminal,
  newTerminal,
  noteAgent,
  noteSyn,
  type OsSource,
  openSystems,
  several,
  soleTerminal,
  sourceOf,
  type Terminal,
} from './terminal.ts';

/** Clients of one generation; two are held. */
const MAX_CLIENTS = 1 << 19;

export interface FlowSystem {
  /** '' where nothing was observed, 'unknown' where that says nothing or contradicts itself. */
  readonly os: string;
  readonly source: OsSource | '';
  readonly device: string;
}

/** A subscriber by what he is known by, or an address by its id in the address table. */
export type ClientKey = string | number;

interface Client {
  /** Since when an address has been its holder's; -Infinity if that is not known, and of subscribers. */
  readonly since: number;
  readonly terminals: readonly Terminal[];
}

const isSameHandset = (a: Handset, b: Handset): boolean => a.device === b.device && a.systems === b.systems;

const nobody: Client = { since: Number.NEGATIVE_INFINITY, terminals: [] };
const nothing: FlowSystem = { os: '', source: '', device: '' };
const contradiction: FlowSystem = { os: 'unknown', source: '', device: '' };

/**
 * The rule. A client is a subscriber, or the address at which flows begin; behind it may stand several systems, as many
 * as its evidence needs: evidence that fits a system known there is of that system and narrows it, other evidence is of
 * another.
 *
 * A flow with evidence of its own is of the one system which that fits, and has what is known of it; if it fits several,
 * or none, the flow's own evidence stands alone. A flow without any takes the system of its client if just one was seen
 * within an hour, or else the one seen last within a day; if several were, propagation is suspended: 'unknown'. Of
 * several kinds of evidence for one system the handset of the session goes before the User-Agent and that before the SYN.
 *
 * What is known when a flow is closed counts for it, what comes later does not.
 *
 * Times are packet time, microseconds. Memory is bounded by generations: when one is full, the clients not seen since the
 * one before are forgotten.
 */
export class ClientSystems {
  readonly #interner: Interner;
  readonly #maxClients: number;
  readonly #synSystems = new CodeCache((code, interner) => osOfSyn(interner.text(code)));
  readonly #parsedAgents = new Map<number, UserAgent>();
  #young = new Map<ClientKey, Client>();
  #old = new Map<ClientKey, Client>();
  /** What live flows said in HTTP. */
  #agents = new Map<number, UserAgent>();

  /** @param maxClients of one generation */
  constructor(interner: Interner, maxClients = MAX_CLIENTS) {
    this.#interner = interner;
    this.#maxClients = maxClients;
  }

  /** Clients held. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** A flow of the client began with a SYN of this fingerprint (an interner code; 0 is none). */
  sentSyn(client: ClientKey, signature: number, at: number): void {
    const systems = this.#systemsOfSyn(signature);
    const terminal = this.#terminalOf(client, systems, at);
    if (terminal !== undefined) noteSyn(terminal, systems, at);
  }

  /** A flow of the client sent a User-Agent (an interner code). */
  sentAgent(flow: number, client: ClientKey, agent: number, at: number): void {
    const parsed = this.#parse(agent);
    this.#agents.set(flow, parsed);
    const terminal = this.#terminalOf(client, parsed.systems, at);
    if (terminal !== undefined) noteAgent(terminal, parsed, at);
  }

  /** The address has been its holder's since then, microseconds: what was seen there before was of somebody else. */
  passed(client: ClientKey, since: number): void {
    if (since > this.#find(client).since) this.#keep(client, { since, terminals: [] });
  }

  /** The subscriber has this handset: what was seen of another one, or before it was known, is forgotten. */
  carries(client: ClientKey, handset: Handset): void {
    const { since, terminals } = this.#find(client);
    const isKnown = terminals.some(({ handset: known }) => known !== undefined && isSameHandset(known, handset));
    if (!isKnown) this.#keep(client, { since, terminals: [newTerminal(handset)] });
  }

  /**
   * What is known of the system behind a flow that closes, by its SYN (an interner code, 0 for none) and its client. Of a
   * flow that began before the address passed to its holder, its own evidence alone.
   */
  close(flow: number, client: ClientKey, signature: number, startedAt: number, at: number): FlowSystem {
    const agent = this.#agents.get(flow);
    this.#agents.delete(flow);
    const agentSystems = agent?.systems ?? anyOs;
    const synSystems = this.#systemsOfSyn(signature);
    const own = agentSystems & synSystems || agentSystems;
    const ownSource = agent !== undefined && (agentSystems !== anyOs || signature === 0) ? 'user-agent' : 'syn';
    const { since, terminals: all } = this.#find(client);
    const terminals = startedAt < since ? nobody.terminals : all;

    if (own !== anyOs) {
      const terminal = soleTerminal(terminals, own, at);
      if (terminal === undefined || terminal === several)
        return { os: osText(own), source: ownSource, device: agent?.device ?? '' };
      return {
        os: osText(openSystems(terminal, at) & own),
        source: sourceOf(terminal, at),
        device: terminal.handset?.device ?? (agent?.device || deviceOf(terminal, at)),
      };
    }

    const terminal = latestTerminal(terminals, at);
    if (terminal === several) return contradiction;
    if (terminal !== undefined) {
      const systems = openSystems(terminal, at);
      const source = systems === anyOs ? '' : sourceOf(terminal, at);
      return { os: osText(systems), source, device: deviceOf(terminal, at) };
    }
    return agent !== undefined || signature !== 0 ? { os: 'unknown', source: ownSource, device: '' } : nothing;
  }

  /** The terminal that the evidence is of; undefined if it says nothing, or may be of several. */
  #terminalOf(client: ClientKey, systems: OsSet, at: number): Terminal | undefined {
    if (systems === anyOs) return undefined;
    const known = this.#find(client);
    const sole = soleTerminal(known.terminals, systems, at);
    if (sole !== undefined) {
      this.#keep(client, known);
      return sole === several ? undefined : sole;
    }
    const terminal = newTerminal();
    const others = known.terminals.filter((other) => isAlive(other, at));
    this.#keep(client, { since: known.since, terminals: [...others, terminal] });
    return terminal;
  }

  #systemsOfSyn(signature: number): OsSet {
    return signature === 0 ? anyOs : this.#synSystems.of(signature, this.#interner);
  }

  #parse(agent: number): UserAgent {
    let parsed = this.#parsedAgents.get(agent);
    if (parsed === undefined) {
      parsed = parseUserAgent(this.#interner.text(agent));
      this.#parsedAgents.set(agent, parsed);
    }
    return parsed;
  }

  #find(client: ClientKey): Client {
    return this.#young.get(client) ?? this.#old.get(client) ?? nobody;
  }

  #keep(client: ClientKey, known: Client): void {
    if (this.#young.get(client) === known) return;
    if (this.#young.size === this.#maxClients && !this.#young.has(client)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(client, known);
  }

  /** Gives up clients of which nothing is fresh, and marks the address ids of the others. */
  markAddresses(marks: Uint8Array, at: number): void {
    for (const generation of [this.#young, this.#old]) {
      for (const [client, { terminals }] of generation) {
        if (!terminals.some((terminal) => isAlive(terminal, at))) generation.delete(client);
        else if (typeof client === 'number') marks[client] = 1;
      }
    }
  }

  /** To be called when the interner is reset: no code is held. */
  reset(): void {
    this.#synSystems.clear();
    this.#parsedAgents.clear();
  }

  checkpoint() {
    return { young: this.#young, old: this.#old, agents: this.#agents };
  }

  restore({ young, old, agents }: ReturnType<ClientSystems['checkpoint']>): void {
    this.#young = young;
    this.#old = old;
    this.#agents = agents;
  }
}
