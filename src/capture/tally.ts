/** The account of one capture while it is read: what was delivered, what was not, and why. */

/** Why packets were not delivered. Those that end the reading are the reasons of `Breakage`. */
export type Reason =
  /** The input has no bytes at all. */
  | 'empty'
  /** The input ends inside a header, record or block. */
  | 'truncated-record'
  /** A record says it is longer than the capture allows, or than 16 MiB. */
  | 'over-long-record'
  /** A record whose header is nothing but zeros: space that was reserved and never written. */
  | 'zero-filled'
  /** A block whose lengths contradict each other. */
  | 'malformed-block'
  /** A major version of the format that does not exist. */
  | 'unsupported-version'
  /** Corrupt, truncated or unsupported compressed data. */
  | 'broken-compression'
  /** A packet of an interface that the section has not described. */
  | 'unknown-interface'
  /** A packet time before 1970 or after 2255, which a double of microseconds cannot hold. */
  | 'impossible-time';

/** Largest packet time that is exact: in the year 2255. */
const MAX_AT = Number.MAX_SAFE_INTEGER;

export class Tally {
  /** Packets delivered. */
  packets = 0;
  /** Packets delivered that carry no time of their own. */
  untimed = 0;
  /** Earliest and latest packet time; the infinities while there is none. */
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = Number.NEGATIVE_INFINITY;
  /** What was not delivered. */
  readonly undelivered: Partial<Record<Reason, number>> = {};

  /** Was there a packet with a time? */
  get isTimed(): boolean {
    return this.packets > this.untimed;
  }

  miss(reason: Reason): void {
    this.undelivered[reason] = (this.undelivered[reason] ?? 0) + 1;
  }
}

/** Can event time hold this packet time (UTC microseconds)? */
export const isPossibleTime = (at: number): boolean => at >= 0 && at <= MAX_AT;
