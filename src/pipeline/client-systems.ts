/** Which operating system a client has, over time: evidence of some of its flows, told for its other flows too. */
import { osOfSyn } from '../enrich/os/os-of-syn.ts';
import { anyOs, type OsSet, osText } from '../enrich/os/os-set.ts';
import type { Handset } from '../enrich/os/tac-table.ts';
import { parseUserAgent, type UserAgent } from '../enrich/os/user-agent.ts';
import { CodeCache } from '../kit/code-cache.ts';
import type { Interner } from '../kit/interner.ts';
import { WordPool } from '../kit/word-pool.ts';
import { grown } from './grown.ts';
import { NONE, type OsSource, SEVERAL, Terminals } from './terminals.ts';

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

/** A client: the first of its terminals, is it of the young generation, and as a double since when an address has been its holder's. */
const WORDS = 4;
const TERMINALS = 0;
const IS_YOUNG = 1;
const DOUBLES = WORDS / 2;
const SINCE = 1;
/** Of subscribers, and where it is not known. */
const ALWAYS = Number.NEGATIVE_INFINITY;
/** Of whom nothing is known. */
const NOBODY = 0;

const isSameHandset = (a: Handset, b: Handset): boolean => a.device === b.device && a.systems === b.systems;

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
  readonly #terminals = new Terminals();
  readonly #clients = new WordPool(WORDS);
  /** Clients by address, and by subscriber. */
  #ofAddresses = new Int32Array(1024);
  #ofSubscribers = new Map<string, number>();
  #size = 0;
  #young = 0;
  /** What live flows said in HTTP. */
  #agents = new Map<number, UserAgent>();

  /** @param maxClients of one generation */
  constructor(interner: Interner, maxClients = MAX_CLIENTS) {
    this.#interner = interner;
    this.#maxClients = maxClients;
  }

  /** Clients held. */
  get size(): number {
    return this.#size;
  }

  /** A flow of the client began with a SYN of this fingerprint (an interner code; 0 is none). */
  sentSyn(client: ClientKey, signature: number, at: number): void {
    const systems = this.#systemsOfSyn(signature);
    const terminal = this.#terminalOf(client, systems, at);
    if (terminal !== NONE) this.#terminals.noteSyn(terminal, systems, at);
  }

  /** A flow of the client sent a User-Agent (an interner code). */
  sentAgent(flow: number, client: ClientKey, agent: number, at: number): void {
    const parsed = this.#parse(agent);
    this.#agents.set(flow, parsed);
    const terminal = this.#terminalOf(client, parsed.systems, at);
    if (terminal !== NONE) this.#terminals.noteAgent(terminal, parsed, at);
  }

  /** The address has been its holder's since then, microseconds: what was seen there before was of somebody else. */
  passed(key: ClientKey, since: number): void {
    const known = this.#find(key);
    if (!(since > this.#sinceOf(known))) return;
    const client = this.#keep(key, known);
    this.#clients.doubles[client * DOUBLES + SINCE] = since;
    this.#setTerminals(client, NONE);
  }

  /** The subscriber has this handset: what was seen of another one, or before it was known, is forgotten. */
  carries(key: ClientKey, handset: Handset): void {
    const known = this.#find(key);
    for (let each = this.#firstOf(known); each !== NONE; each = this.#terminals.next(each)) {
      const other = this.#terminals.handset(each);
      if (other !== undefined && isSameHandset(other, handset)) return;
    }
    this.#setTerminals(this.#keep(key, known), this.#terminals.add(handset));
  }

  /**
   * What is known of the system behind a flow that closes, by its SYN (an interner code, 0 for none) and its client. Of a
   * flow that began before the address passed to its holder, its own evidence alone.
   */
  close(flow: number, key: ClientKey, signature: number, startedAt: number, at: number): FlowSystem {
    const agent = this.#agents.get(flow);
    if (agent !== undefined) this.#agents.delete(flow);
    const agentSystems = agent?.systems ?? anyOs;
    const synSystems = this.#systemsOfSyn(signature);
    const own = agentSystems & synSystems || agentSystems;
    const ownSource = agent !== undefined && (agentSystems !== anyOs || signature === 0) ? 'user-agent' : 'syn';
    const client = this.#find(key);
    const terminals = this.#terminals;
    const first = startedAt < this.#sinceOf(client) ? NONE : this.#firstOf(client);

    if (own !== anyOs) {
      const terminal = terminals.sole(first, own, at);
      if (terminal === NONE || terminal === SEVERAL)
        return { os: osText(own), source: ownSource, device: agent?.device ?? '' };
      return {
        os: osText(terminals.openSystems(terminal, at) & own),
        source: terminals.sourceOf(terminal, at),
        device: (!terminals.hasHandset(terminal) && agent?.device) || terminals.deviceOf(terminal, at),
      };
    }

    const terminal = terminals.latest(first, at);
    if (terminal === SEVERAL) return contradiction;
    if (terminal !== NONE) {
      const systems = terminals.openSystems(terminal, at);
      const source = systems === anyOs ? '' : terminals.sourceOf(terminal, at);
      return { os: osText(systems), source, device: terminals.deviceOf(terminal, at) };
    }
    return agent !== undefined || signature !== 0 ? { os: 'unknown', source: ownSource, device: '' } : nothing;
  }

  /** The terminal that the evidence is of; `NONE` if it says nothing, or may be of several. */
  #terminalOf(key: ClientKey, systems: OsSet, at: number): number {
    if (systems === anyOs) return NONE;
    const client = this.#keep(key, this.#find(key));
    const first = this.#firstOf(client);
    const sole = this.#terminals.sole(first, systems, at);
    if (sole === SEVERAL) return NONE;
    if (sole !== NONE) return sole;
    const added = this.#terminals.add();
    this.#clients.words[client * WORDS + TERMINALS] = this.#terminals.append(first, added, at);
    return added;
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

  #find(key: ClientKey): number {
    return (typeof key === 'number' ? this.#ofAddresses[key] : this.#ofSubscribers.get(key)) ?? NOBODY;
  }

  #sinceOf(client: number): number {
    return client === NOBODY ? ALWAYS : this.#clients.doubles[client * DOUBLES + SINCE]!;
  }

  #firstOf(client: number): number {
    return this.#clients.words[client * WORDS + TERMINALS]!;
  }

  /** Puts other terminals in the place of those known. */
  #setTerminals(client: number, first: number): void {
    this.#terminals.remove(this.#firstOf(client));
    this.#clients.words[client * WORDS + TERMINALS] = first;
  }

  /** Something is seen of the client, which is made if it is `NOBODY`: it is of the young generation. */
  #keep(key: ClientKey, known: number): number {
    const client = known === NOBODY ? this.#add(key) : known;
    if (this.#clients.words[client * WORDS + IS_YOUNG] === 1) return client;
    if (this.#young === this.#maxClients) this.#turn(client);
    this.#clients.words[client * WORDS + IS_YOUNG] = 1;
    this.#young++;
    return client;
  }

  #add(key: ClientKey): number {
    const client = this.#clients.take();
    this.#clients.doubles[client * DOUBLES + SINCE] = ALWAYS;
    if (typeof key === 'string') this.#ofSubscribers.set(key, client);
    else {
      if (key >= this.#ofAddresses.length) this.#ofAddresses = grown(this.#ofAddresses, 2 * (key + 1));
      this.#ofAddresses[key] = client;
    }
    this.#size++;
    return client;
  }

  #forget(key: ClientKey, client: number): void {
    if (typeof key === 'string') this.#ofSubscribers.delete(key);
    else this.#ofAddresses[key] = NOBODY;
    if (this.#clients.words[client * WORDS + IS_YOUNG] === 1) this.#young--;
    this.#size--;
    this.#setTerminals(client, NONE);
    this.#clients.give(client);
  }

  /** The young are the old now, and those that were old are forgotten, but for the one that is seen. */
  #turn(seen: number): void {
    const { words } = this.#clients;
    this.#forEach((key, client) => {
      if (words[client * WORDS + IS_YOUNG] === 1) words[client * WORDS + IS_YOUNG] = 0;
      else if (client !== seen) this.#forget(key, client);
    });
    this.#young = 0;
  }

  #forEach(visit: (key: ClientKey, client: number) => void): void {
    for (const [address, client] of this.#ofAddresses.entries()) if (client !== NOBODY) visit(address, client);
    for (const [subscriber, client] of this.#ofSubscribers) visit(subscriber, client);
  }

  /** Gives up clients of which nothing is fresh, and marks the address ids of the others. */
  markAddresses(marks: Uint8Array, at: number): void {
    this.#forEach((key, client) => {
      let terminal = this.#firstOf(client);
      while (terminal !== NONE && !this.#terminals.isAlive(terminal, at)) terminal = this.#terminals.next(terminal);
      if (terminal === NONE) this.#forget(key, client);
      else if (typeof key === 'number') marks[key] = 1;
    });
  }

  /** To be called when the interner is reset: no code is held. */
  reset(): void {
    this.#synSystems.clear();
    this.#parsedAgents.clear();
  }

  checkpoint() {
    return {
      terminals: this.#terminals.checkpoint(),
      clients: this.#clients.checkpoint(),
      ofAddresses: this.#ofAddresses.slice(),
      ofSubscribers: this.#ofSubscribers,
      size: this.#size,
      young: this.#young,
      agents: this.#agents,
    };
  }

  restore(state: ReturnType<ClientSystems['checkpoint']>): void {
    this.#terminals.restore(state.terminals);
    this.#clients.restore(state.clients);
    this.#ofAddresses = state.ofAddresses;
    this.#ofSubscribers = state.ofSubscribers;
    this.#size = state.size;
    this.#young = state.young;
    this.#agents = state.agents;
  }
}
