/** Sessions that somebody else has recorded, told with their times. */
import type { Subscriber } from './subscriber.ts';

export interface FedSession extends Subscriber {
  /** [from, until) in UTC microseconds; Infinity for a session whose end is not told. */
  readonly from: number;
  readonly until: number;
}

/** Sessions by number from 0, in any order of time. */
export interface SessionFeed {
  readonly size: number;
  /** All numbers in the order in which the sessions begin, and in which they end. */
  readonly byStart: Uint32Array;
  readonly byEnd: Uint32Array;
  from(session: number): number;
  until(session: number): number;
  session(session: number): FedSession;
}
