/** The sessions that stand, and how packets find them: by the end of a tunnel, by user address, each valid as of now. */
import { HOUR } from '../kit/time.ts';
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
/** Holders of addresses that nobody holds now are kept until they are as many as those who do, and this many more. */
const FREE_HOLDERS = 1 << 16;
/** Control tunnels that share an end: those of one subscriber's sessions. */
const MAX_SHARED = 32;

/** A way for control messages about a session, and the bearers that they told of. */
export interface ControlTunnel {
  readonly session: Session;
  /** Keys of ends on either side, the first of which counts. */
  access: readonly number[];
  network: readonly number[];
  /** The first is the one that stands for the session. */
  bearers: readonly TunnelBearer[];
}

/** A bearer by its EPS bearer identity or NSAPI. */
interface TunnelBearer extends BearerEnds {
  readonly id: number;
}

/** Keys of the ends of a bearer: what the subscriber sends and receives; the first of each counts. */
export interface BearerEnds {
  readonly up: readonly number[];
  readonly down: readonly number[];
}

export interface Session {
  state: SessionState;
  /** What further messages name it by; '' if by nothing. */
  readonly key: string;
  tunnels: readonly ControlTunnel[];
  /** When it was last told of or used, and when it was put at the end of the line of those that may be idle. */
  lastAt: number;
  queuedAt: number;
  /** Is it among the sessions that stand, or only asked for? */
  stands: boolean;
}

/** Who holds a user address. Kept after the last session, to know the same subscriber again. */
interface Holder {
  owner: SessionState;
  /** Since when the owner has had it, with pauses; and since when nobody has it, if `sessions` is empty. */
  since: number;
  freeSince: number;
  /** The newest first: one subscriber may be told of by several sources. */
  sessions: readonly Session[];
}

const TEIDS = 2 ** 32;

/** The end of a tunnel in one number: an id of the address table, which has less than 21 bits' worth of addresses, and the TEID. */
export const endKey = (node: number, teid: number): number => node * TEIDS + (teid >>> 0);
export const nodeOf = (key: number | undefined): number => (key === undefined ? NO_ADDRESS : Math.floor(key / TEIDS));
export const teidOf = (key: number | undefined): number => (key === undefined ? Number.NaN : key % TEIDS);

/** Told of each state that ceases to hold. `endedAt` is NaN where the session goes on after the input. */
type Tell = (state: SessionState, endedAt: number, reason: SessionEnd) => void;

export class SessionTable {
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
  #holders = new Map<number, Holder>();

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
    return this.#holders.size === 0 && this.#upEnds.size === 0 && this.#downEnds.size === 0;
  }

  byKey(key: string): Session | undefined {
    return this.#byKey.get(key);
  }

  /** The session that sends packets to an end, or receives those to it. */
  byEnd(direction: 'up' | 'down', key: number): Session | undefined {
    return (direction === 'up' ? this.#upEnds : this.#downEnds).get(key);
  }

  /** The session that an address belongs to; of several that one whose subscriber is known best. */
  byAddress(address: number): Session | undefined {
    const sessions = this.#holders.get(address)?.sessions;
    return sessions?.find(({ state }) => state.imsi !== '') ?? sessions?.[0];
  }

  /** Since when an address has belonged to who has it now, or to nobody; -Infinity if that is not known. */
  heldSince(address: number): number {
    const holder = this.#holders.get(address);
    if (holder === undefined) return Number.NEGATIVE_INFINITY;
    return holder.sessions.length > 0 ? holder.since : holder.freeSince;
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
    for (const address of [before.ipv4, before.ipv6]) {
      const holder = this.#holders.get(address);
      if (holder?.owner === before) holder.owner = session.state;
    }
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
    for (const [address, old] of [
      [ipv4, before.ipv4],
      [ipv6, before.ipv6],
    ] as const) {
      if (address === NO_ADDRESS) continue;
      if (old !== address) this.#release(session, old, at);
      this.#claim(session, address, since, at);
    }
  }

  /**
   * If the address was another subscriber's, that one's sessions end; but two that are known to be of different access
   * points may have the same address, and then it leads to the later one.
   */
  #claim(session: Session, address: number, since: number, at: number): void {
    const { state } = session;
    let holder = this.#holders.get(address);
    if (holder === undefined) {
      this.#sweepHolders();
      holder = { owner: state, since, freeSince: Number.NaN, sessions: [] };
      this.#holders.set(address, holder);
    }
    const isKnown = isSameSubscriber(holder.owner, state);
    for (const other of holder.sessions) {
      if (other === session) continue;
      const isOtherSource = other.state.kind !== state.kind;
      const isElsewhere = other.state.apn !== '' && state.apn !== '' && other.state.apn !== state.apn;
      // One of which nobody told whose it is, beside what another source told: that will be the same.
      if (isOtherSource && (isKnown || state.identity === '')) continue;
      if (isElsewhere && !isKnown) holder.sessions = holder.sessions.filter((one) => one !== other);
      else this.end(other, at, 'replaced');
    }
    const isShared = holder.sessions.length > 0 && !holder.sessions.includes(session);
    if (!isKnown && !isShared) holder.since = since;
    if (state.identity !== '' || !isShared) holder.owner = state;
    if (!holder.sessions.includes(session)) holder.sessions = [session, ...holder.sessions];
  }

  #release(session: Session, address: number, at: number): void {
    const holder = this.#holders.get(address);
    if (holder === undefined || !holder.sessions.includes(session)) return;
    holder.sessions = holder.sessions.filter((one) => one !== session);
    if (holder.sessions.length === 0) holder.freeSince = at;
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
    this.#release(session, session.state.ipv4, at);
    this.#release(session, session.state.ipv6, at);
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
      holders: this.#holders,
    };
  }

  restore(state: ReturnType<SessionTable['checkpoint']>): void {
    this.#sessions = state.sessions;
    this.#byKey = state.byKey;
    this.#upEnds = state.upEnds;
    this.#downEnds = state.downEnds;
    this.#controlEnds = state.controlEnds;
    this.#holders = state.holders;
  }

  /** Marks the address ids in use. */
  markAddresses(marks: Uint8Array): void {
    for (const address of this.#holders.keys()) marks[address] = 1;
    for (const ends of [this.#upEnds, this.#downEnds, this.#controlEnds]) {
      for (const key of ends.keys()) if (nodeOf(key) !== NO_ADDRESS) marks[nodeOf(key)] = 1;
    }
    for (const { state } of this.#sessions) {
      for (const address of [state.ipv4, state.ipv6, state.accessNode, state.networkNode]) {
        if (address !== NO_ADDRESS) marks[address] = 1;
      }
    }
  }

  #sweepHolders(): void {
    if (this.#holders.size < 2 * this.#sessions.size + FREE_HOLDERS) return;
    for (const [address, { sessions }] of this.#holders) if (sessions.length === 0) this.#holders.delete(address);
  }
}
