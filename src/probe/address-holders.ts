/** Who holds which user address, and since when. */

import type { Session } from './session.ts';
import { isSameSubscriber, type SessionState } from './session-state.ts';

/** Holders of addresses that nobody has now are kept until they are as many as those who do, and this many more. */
const FREE_HOLDERS = 1 << 16;

/** Kept after the last session, to know the same subscriber again. */
interface Holder {
  owner: SessionState;
  /** Since when the owner has had the address, with pauses; and since when nobody has it, if `sessions` is empty. */
  since: number;
  freeSince: number;
  /** The newest first: one subscriber may be told of by several sources. */
  sessions: readonly Session[];
}

/** Addresses are ids of the address table, those of IPv6 the first of a /64. */
export class AddressHolders {
  #holders = new Map<number, Holder>();

  /** Addresses that are held, or were. */
  get size(): number {
    return this.#holders.size;
  }

  /** The session that an address belongs to; of several that one whose subscriber is known best. */
  sessionAt(address: number): Session | undefined {
    const sessions = this.#holders.get(address)?.sessions;
    return sessions?.find(({ state }) => state.imsi !== '') ?? sessions?.[0];
  }

  /** Since when an address has belonged to who has it now, or to nobody; -Infinity if that is not known. */
  heldSince(address: number): number {
    const holder = this.#holders.get(address);
    if (holder === undefined) return Number.NEGATIVE_INFINITY;
    return holder.sessions.length > 0 ? holder.since : holder.freeSince;
  }

  /**
   * The address is the session's now. If it was another subscriber's, that one's sessions are to end; but two that are
   * known to be of different access points may have the same address, and then it leads to the later one.
   *
   * @param since when it may first have been used by this session
   * @param end ends a session that had it
   */
  claim(session: Session, address: number, since: number, end: (other: Session) => void): void {
    const { state } = session;
    let holder = this.#holders.get(address);
    if (holder === undefined) {
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
      else end(other);
    }
    const isShared = holder.sessions.some((other) => other !== session);
    if (!isKnown && !isShared) holder.since = since;
    if (state.identity !== '' || !isShared) holder.owner = state;
    if (!holder.sessions.includes(session)) holder.sessions = [session, ...holder.sessions];
  }

  /** The address is the session's no longer. */
  release(session: Session, address: number, at: number): void {
    const holder = this.#holders.get(address);
    if (holder === undefined || !holder.sessions.includes(session)) return;
    holder.sessions = holder.sessions.filter((one) => one !== session);
    if (holder.sessions.length === 0) holder.freeSince = at;
  }

  /** The state of a session gave way to another one: the one before need not be kept. */
  renew(before: SessionState, now: SessionState): void {
    for (const address of [before.ipv4, before.ipv6]) {
      const holder = this.#holders.get(address);
      if (holder?.owner === before) holder.owner = now;
    }
  }

  /** Forgets those who had addresses that nobody has now, if they are many. `standing`: sessions that stand. */
  sweep(standing: number): void {
    if (this.#holders.size < 2 * standing + FREE_HOLDERS) return;
    for (const [address, { sessions }] of this.#holders) if (sessions.length === 0) this.#holders.delete(address);
  }

  checkpoint() {
    return this.#holders;
  }

  restore(holders: ReturnType<AddressHolders['checkpoint']>): void {
    this.#holders = holders;
  }

  /** Marks the address ids in use. */
  markAddresses(marks: Uint8Array): void {
    for (const address of this.#holders.keys()) marks[address] = 1;
  }
}
