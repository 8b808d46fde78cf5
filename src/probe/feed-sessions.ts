/** Sessions that somebody else has recorded: each begins and ends when packet time reaches its times. */
import type { AddressTable } from '../packet/address-table.ts';
import type { SessionFeed } from '../packet/session-feed.ts';
import type { Session } from './session.ts';
import { newState, toldBy, userAddresses } from './session-state.ts';
import type { SessionTable } from './session-table.ts';

/** Sessions of an earlier feed that end at a known time, the next one last. */
type Carried = readonly [until: number, session: Session];

export class FeedSessions {
  readonly #feed: SessionFeed;
  readonly #table: SessionTable;
  readonly #addresses: AddressTable;
  /** How many have begun, and how many have ended. */
  #begun = 0;
  #ended = 0;
  readonly #standing = new Map<number, Session>();
  #carried: Carried[] = [];

  constructor(feed: SessionFeed, table: SessionTable, addresses: AddressTable) {
    this.#feed = feed;
    this.#table = table;
    this.#addresses = addresses;
  }

  /** When the next one begins or ends. */
  get nextAt(): number {
    return Math.min(this.#nextStart, this.#nextEnd, this.#nextCarried);
  }

  get #nextStart(): number {
    const { byStart } = this.#feed;
    return this.#begun < byStart.length ? this.#feed.from(byStart[this.#begun]!) : Number.POSITIVE_INFINITY;
  }

  get #nextEnd(): number {
    const { byEnd } = this.#feed;
    return this.#ended < byEnd.length ? this.#feed.until(byEnd[this.#ended]!) : Number.POSITIVE_INFINITY;
  }

  get #nextCarried(): number {
    return this.#carried.at(-1)?.[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Packet time is `at` now. Where one ends as another begins, the address passes on. */
  advance(at: number): void {
    for (let next = this.nextAt; next <= at && next < Number.POSITIVE_INFINITY; next = this.nextAt) {
      if (this.#nextCarried === next) this.#table.end(this.#carried.pop()![1], next, 'stopped');
      else if (this.#nextEnd === next) this.#end();
      else this.#begin(this.#feed.byStart[this.#begun++]!);
    }
  }

  #begin(number: number): void {
    const fed = this.#feed.session(number);
    const session = this.#table.open('', newState('csv', fed.from, fed.from, toldBy(fed)), fed.from);
    this.#table.setAddresses(session, userAddresses(this.#addresses, fed.ipv4, fed.ipv6), fed.from, fed.from);
    if (fed.until < Number.POSITIVE_INFINITY) this.#standing.set(number, session);
  }

  #end(): void {
    const number = this.#feed.byEnd[this.#ended++]!;
    const session = this.#standing.get(number);
    this.#standing.delete(number);
    if (session !== undefined) this.#table.end(session, this.#feed.until(number), 'stopped');
  }

  /** The sessions that stand and their ends; a feed is to be given again for those that have not begun. */
  checkpoint(): Carried[] {
    const standing = [...this.#standing].map(([number, session]): Carried => [this.#feed.until(number), session]);
    return [...this.#carried, ...standing].filter(([, { stands }]) => stands).sort(([a], [b]) => b - a);
  }

  /** Goes on at packet time `at`: of the feed what stands then begins anew, and what is over by then is passed over. */
  restore(carried: Carried[], at: number): void {
    this.#carried = carried;
    for (; this.#nextStart <= at; this.#begun++) {
      const number = this.#feed.byStart[this.#begun]!;
      if (this.#feed.until(number) > at) this.#begin(number);
    }
    while (this.#nextEnd <= at) this.#ended++;
  }
}
