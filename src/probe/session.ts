/** A mobile session that stands, the tunnels that lead to it, and ends of tunnels as numbers. */
import { NO_ADDRESS, type SessionState } from './session-state.ts';

export interface Session {
  state: SessionState;
  /** What further messages name it by; '' if by nothing. */
  readonly key: string;
  tunnels: readonly ControlTunnel[];
  /** When it was last told of or used, and when it was put at the end of the line of those that may be idle. */
  lastAt: number;
  queuedAt: number;
  /** Is it among the sessions that stand? Else it is over, or only asked for. */
  stands: boolean;
}

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

const TEIDS = 2 ** 32;

/**
 * The end of a tunnel in one number: the id of its node and its TEID. A double holds it, for nodes have a table of their
 * own with ids of less than 21 bits.
 */
export const endKey = (node: number, teid: number): number => node * TEIDS + (teid >>> 0);
export const nodeOf = (key: number | undefined): number => (key === undefined ? NO_ADDRESS : Math.floor(key / TEIDS));
export const teidOf = (key: number | undefined): number => (key === undefined ? Number.NaN : key % TEIDS);
