/** The sessions that stand, and how packets and messages find them: by the end of a tunnel, by user address, by their key; each as of now. */
import { HOUR } from '../kit/time.ts';
import { AddressHolders } from './address-holders.ts';
import { type BearerEnds, type ControlTunnel, nodeOf, type Session } from './session.ts';
import {
  amendState,
  isSameSubscriber,
  NO_ADDRESS,
  type SessionEnd,
  type SessionFacts,
  type SessionState,
  type UserAddresses,
} from './session-state.ts';

/** A session neither told of nor used for this long is given up: its end was missed. */
const SESSION_IDLE_US = 48 * HOUR;
/** Control tunnels that share an end: those of one subscriber's sessions. */
const MAX_SHARED = 32;

/** Told of each state that ceases to hold. `endedAt` is NaN where the session goes on after the input. */
type Tell = (state: SessionState, endedAt: number, reason: SessionEnd) => void;

export class SessionTable {
  readonly addresses = new AddressHolders();
  readonly #maxSessions: number;
  readonly #tell: Tell;
  /** In the order in which they were opened, or found to be still in use. */
  #sessions = new Set<Session>();
  #byKey = new Map<string, Session>();
  /** By key of the end: who sends to it, who is sent to. */
  #upEnds = new Map<number, Session>();
  #downEnds = new Map<number, Session>();
  /** Those of one subscriber may share an end. */
  #controlEnds = new Map<number, ControlTunnel[]>();

  constructor(maxSessions: number, tell: Tell) {
    this.#maxSessions = maxSessions;
    this.#tell = tell;
  }

  /** Sessions that stand. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Could an address or a tunnel lead to a session? */
  get isEmpty(): boolean {
    return this.addresses.size === 0 && this.#upEnds.size === 0 && this.#downEnds.size === 0;
  }

  byKey(key: string): Session | undefined {
    return this.#byKey.get(key);
  }

  /** The session that sends packets to an end, or receives those to it. */
  byEnd(direction: 'up' | 'down', key: number): Session | undefined {
    return (direction === 'up' ? this.#upEnds : this.#downEnds).get(key);
  }

  /** The control tunnel with this end; where several share it, the one that has the bearer. */
  byControlEnd(key: number, bearer: number | undefined): ControlTunnel | undefined {
    const tunnels = this.#controlEnds.get(key);
    if (tunnels === undefined || tunnels.length === 1) return tunnels?.[0];
    return bearer === undefined ? undefined : tunnels.find(({ bearers }) => bearers.some(({ id }) => id === bearer));
  }

  /** Begins a session; one with the same key ends. It has no addresses and no tunnels yet. */
  open(key: string, state: SessionState, at: number): Session {
    const before = this.#byKey.get(key);
    if (key !== '' && before !== undefined) this.end(before, at, 'replaced');
    if (this.#sessions.size >= this.#maxSessions) {
      for (const oldest of this.#sessions) {
        this.end(oldest, at, 'evicted');
        break;
      }
    }
    const session: Session = { state, key, tunnels: [], lastAt: at, queuedAt: at, stands: true };
    this.#sessions.add(session);
    if (key !== '') this.#byKey.set(key, session);
    return session;
  }

  /** What an update told; a state that it changed is told of. */
  amend(session: Session, facts: SessionFacts, at: number): void {
    const before = session.state;
    session.state = amendState(before, facts, at);
    session.lastAt = at;
    this.addresses.renew(before, session.state);
    if (session.stands && session.state.startedAt !== before.startedAt) this.#tell(before, at, 'updated');
  }

  /**
   * User addresses are the session's now.
   *
   * @param since when they may first have been used by this session
   */
  setAddresses(session: Session, { ipv4, ipv6 }: UserAddresses, since: number, at: number): void {
    const before = session.state;
    this.amend(session, { ipv4, ipv6 }, at);
    this.addresses.sweep(this.#sessions.size);
    for (const [address, old] of [
      [ipv4, before.ipv4],
      [ipv6, before.ipv6],
    ] as const) {
      if (address === NO_ADDRESS) continue;
      if (old !== address) this.addresses.release(session, old, at);
      this.addresses.claim(session, address, since, (other) => this.end(other, at, 'replaced'));
    }
  }

  /** Packets to these ends are the session's from now on. */
  bind(session: Session, { up, down }: BearerEnds): void {
    for (const key of up) this.#upEnds.set(key, session);
    for (const key of down) this.#downEnds.set(key, session);
  }

  /** Packets to these ends are the session's no longer; ends that others were given since stay theirs. */
  unbind(session: Session, { up, down }: BearerEnds): void {
    for (const key of up) if (this.#upEnds.get(key) === session) this.#upEnds.delete(key);
    for (const key of down) if (this.#downEnds.get(key) === session) this.#downEnds.delete(key);
  }

  /**
   * Adds a control tunnel with the ends it has, in place of `stale` if given. A node that gives an end to another
   * subscriber has forgotten the first.
   */
  addTunnel(tunnel: ControlTunnel, at: number, stale?: ControlTunnel): void {
    const { session } = tunnel;
    if (stale === undefined) session.tunnels = [...session.tunnels, tunnel];
    else {
      this.#forgetTunnel(stale);
      session.tunnels = session.tunnels.map((one) => (one === stale ? tunnel : one));
    }
    for (const key of [...tunnel.access, ...tunnel.network]) {
      for (const other of this.#controlEnds.get(key) ?? []) {
        if (!isSameSubscriber(other.session.state, session.state)) this.removeTunnel(other, at, 'replaced');
      }
      const shared = this.#controlEnds.get(key) ?? [];
      if (shared.length >= MAX_SHARED) this.removeTunnel(shared[0]!, at, 'replaced');
      this.#controlEnds.set(key, [...(this.#controlEnds.get(key) ?? []), tunnel]);
    }
    for (const ends of tunnel.bearers) this.bind(tunnel.session, ends);
  }

  /** Takes a control tunnel away, and with the last one the session. */
  removeTunnel(tunnel: ControlTunnel, at: number, reason: SessionEnd): void {
    const { session } = tunnel;
    this.#forgetTunnel(tunnel);
    session.tunnels = session.tunnels.filter((one) => one !== tunnel);
    if (session.tunnels.length === 0) this.end(session, at, reason);
  }

  #forgetTunnel(tunnel: ControlTunnel): void {
    for (const key of [...tunnel.access, ...tunnel.network]) {
      const rest = (this.#controlEnds.get(key) ?? []).filter((other) => other !== tunnel);
      if (rest.length === 0) this.#controlEnds.delete(key);
      else this.#controlEnds.set(key, rest);
    }
    for (const ends of tunnel.bearers) this.unbind(tunnel.session, ends);
  }

  /** Changes ends and bearers of a tunnel. */
  changeTunnel(tunnel: ControlTunnel, at: number, change: () => void): void {
    this.#forgetTunnel(tunnel);
    change();
    this.addTunnel(tunnel, at, tunnel);
  }

  end(session: Session, at: number, reason: SessionEnd): void {
    if (!session.stands) return;
    session.stands = false;
    this.#sessions.delete(session);
    if (this.#byKey.get(session.key) === session) this.#byKey.delete(session.key);
    for (const tunnel of session.tunnels) this.#forgetTunnel(tunnel);
    session.tunnels = [];
    this.addresses.release(session, session.state.ipv4, at);
    this.addresses.release(session, session.state.ipv6, at);
    this.#tell(session.state, reason === 'eof' ? Number.NaN : reason === 'idle' ? session.lastAt : at, reason);
  }

  /** Ends the sessions that nothing was heard of for long; one that was found in use waits as long again. */
  expire(at: number): void {
    for (const session of this.#sessions) {
      if (session.queuedAt + SESSION_IDLE_US > at) return;
      if (session.lastAt + SESSION_IDLE_US <= at && session.state.kind !== 'csv') this.end(session, at, 'idle');
      else {
        session.queuedAt = at;
        this.#sessions.delete(session);
        this.#sessions.add(session);
      }
    }
  }

  /** The input is over. */
  finish(): void {
    for (const session of this.#sessions) this.end(session, Number.NaN, 'eof');
  }

  checkpoint() {
    return {
      sessions: this.#sessions,
      byKey: this.#byKey,
      upEnds: this.#upEnds,
      downEnds: this.#downEnds,
      controlEnds: this.#controlEnds,
      holders: this.addresses.checkpoint(),
    };
  }

  restore(state: ReturnType<SessionTable['checkpoint']>): void {
    this.#sessions = state.sessions;
    this.#byKey = state.byKey;
    this.#upEnds = state.upEnds;
    this.#downEnds = state.downEnds;
    this.#controlEnds = state.controlEnds;
    this.addresses.restore(state.holders);
  }

  /** Marks the ids of user addresses in use. */
  markAddresses(marks: Uint8Array): void {
    this.addresses.markAddresses(marks);
    for (const { state } of this.#sessions) {
      for (const address of [state.ipv4, state.ipv6]) if (address !== NO_ADDRESS) marks[address] = 1;
    }
  }

  /** Marks the ids of nodes in use. */
  markNodes(marks: Uint8Array): void {
    const mark = (node: number): void => {
      if (node !== NO_ADDRESS) marks[node] = 1;
    };
    for (const ends of [this.#upEnds, this.#downEnds, this.#controlEnds]) {
      for (const key of ends.keys()) mark(nodeOf(key));
    }
    for (const { state, tunnels } of this.#sessions) {
      mark(state.accessNode);
      mark(state.networkNode);
      for (const { access, network, bearers } of tunnels) {
        const ends = [...access, ...network, ...bearers.flatMap(({ up, down }) => [...up, ...down])];
        for (const key of ends) mark(nodeOf(key));
      }
    }
  }
}
