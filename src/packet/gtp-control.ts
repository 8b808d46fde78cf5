/** GTP's control messages in what both versions share, so that who follows sessions need not know which one it was. */
import type { Subscriber } from './subscriber.ts';

/** UDP port of GTP-C, of both versions. */
export const PORT_GTP_CONTROL = 2123;

/** Bearers of a session: their identities are 5 to 15. What a message says of more is not read. */
export const MAX_BEARERS = 11;
/** Ends of a bearer: those of each interface on the way, in both families. */
export const MAX_ENDS = 16;

/** The end of a tunnel: packets to `node` with this TEID are for the session. */
export interface TunnelEnd {
  /** Tunnel endpoint identifier, 32 bits without sign. */
  readonly teid: number;
  /** Address of the node, 4 or 16 bytes. */
  readonly node: Uint8Array;
  /** The radio's side or the Internet's; GTPv1 does not say, it follows from who sent the message. */
  readonly side: 'access' | 'network' | undefined;
  /** An end between two gateways (S5 or S8), where one towards the radio is the nearer. */
  readonly isBetweenGateways: boolean;
}

/** A way for user packets with a quality of its own (EPS bearer, PDP context). */
export interface Bearer {
  /** EPS bearer identity or NSAPI, 5 to 15; undefined or 0 before it has one. */
  readonly id: number | undefined;
  /** Was it accepted? undefined where that is not said. */
  readonly accepted: boolean | undefined;
  readonly ends: readonly TunnelEnd[];
}

/** What a message is about. `other` may not be followed, but is sound. */
export type GtpProcedure =
  | 'create'
  | 'update'
  | 'delete'
  | 'create-bearer'
  | 'update-bearer'
  | 'delete-bearer'
  | 'change-place'
  | 'other';

export interface GtpControl extends Subscriber {
  readonly version: 1 | 2;
  readonly procedure: GtpProcedure;
  readonly isResponse: boolean;
  /** Of the receiver, from the header; 0 before it gave one. */
  readonly teid: number;
  readonly sequence: number;
  /** Of a response; undefined where the message names no cause. */
  readonly accepted: boolean | undefined;
  /** A response says that the receiver knows no such session. */
  readonly isUnknown: boolean;
  /** Ends for control messages. */
  readonly controlEnds: readonly TunnelEnd[];
  readonly bearers: readonly Bearer[];
  /** The bearer that stands for the session: the one to be deleted with all others, or that a new one belongs to. */
  readonly linkedBearer: number | undefined;
}

/** The version of the GTP message that begins at `start`: 1 or 2; 0 for anything else, GTP' (TS 32.295) included. */
export const gtpVersion = (bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 => {
  if (start >= end) return 0;
  const flags = bytes[start]!;
  if (flags >> 5 === 2) return 2;
  return flags >> 5 === 1 && (flags & 0x10) !== 0 ? 1 : 0;
};
