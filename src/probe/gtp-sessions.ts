/** Sessions as GTP's control messages tell of them: requests and their responses, paired (TS 29.060 section 7.3, TS 29.274 section 7.2). */
import { SECOND } from '../kit/time.ts';
import type { AddressTable } from '../packet/address-table.ts';
import { type GtpControl, gtpVersion, type TunnelEnd } from '../packet/gtp-control.ts';
import { decodeErrorIndication, decodeGtpControlV1 } from '../packet/gtp-control-v1.ts';
import { decodeGtpControlV2 } from '../packet/gtp-control-v2.ts';
import {
  bearersOfResponse,
  endsOfBearer,
  factsOfTunnels,
  keyOfEnd,
  mergeBearers,
  otherSide,
  type Side,
} from './control-tunnel.ts';
import { type BearerEnds, type ControlTunnel, endKey, nodeOf, type Session } from './session.ts';
import { NO_ADDRESS, newState, type SessionState, toldBy, type UserAddresses, userAddresses } from './session-state.ts';
import type { SessionTable } from './session-table.ts';

/** Nodes repeat a request for some 20 s (3 to 5 times, TS 29.060 11). */
const TRANSACTION_TIMEOUT_US = 60 * SECOND;
/** Requests held at once; beyond that the oldest is given up. */
const MAX_PENDING = 1 << 16;
/** Control tunnels of one session: interfaces on the way, and a node that is left behind at a handover. */
const MAX_TUNNELS = 8;

/** A request that waits for its response. */
interface Pending {
  /** Who sent it to whom, ids of nodes. */
  readonly source: number;
  readonly destination: number;
  readonly message: GtpControl;
  /** Whose side sent it. */
  readonly side: Side;
  /** Of a new session, what is asked for, without a tunnel; else what the request is about. */
  readonly session: Session;
  readonly tunnel: ControlTunnel | undefined;
  /** Ends that packets may use before the response is seen. */
  readonly early: BearerEnds;
  readonly askedAt: number;
}

const noEnds: BearerEnds = { up: [], down: [] };

export class GtpSessions {
  /** Messages that could not be decoded. */
  malformed = 0;
  readonly #table: SessionTable;
  readonly #addresses: AddressTable;
  readonly #nodes: AddressTable;
  /** In the order in which the requests were sent last. */
  #pending = new Map<string, Pending>();

  /**
   * @param addresses table of user addresses
   * @param nodes table of the addresses of GTP nodes
   */
  constructor(table: SessionTable, addresses: AddressTable, nodes: AddressTable) {
    this.#table = table;
    this.#addresses = addresses;
    this.#nodes = nodes;
  }

  /** A datagram from or to the port of GTP-C. `source` and `destination`: ids of nodes. */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    at: number,
  ): void {
    const version = gtpVersion(bytes, start, end);
    if (version === 0) return;
    const messages = version === 2 ? decodeGtpControlV2(bytes, start, end) : [decodeGtpControlV1(bytes, start, end)];
    for (const message of messages ?? [undefined]) {
      if (message === undefined) this.malformed++;
      else if (message.isResponse) {
        const key = `${message.version} ${message.procedure} ${destination} ${destinationPort} ${source} ${message.sequence}`;
        this.#respond(key, message, destination, at);
      } else if (message.procedure !== 'other') {
        const key = `${message.version} ${message.procedure} ${source} ${sourcePort} ${destination} ${message.sequence}`;
        this.#request(key, message, source, destination, at);
      }
    }
  }

  /** A datagram of the user plane that is no packet of a subscriber. An Error Indication is believed of its own node only. */
  readUserPlane(bytes: Uint8Array, start: number, end: number, source: number): void {
    const lost = decodeErrorIndication(bytes, start, end);
    if (lost === undefined) return;
    const key = keyOfEnd(lost, this.#nodes);
    if (nodeOf(key) !== source) return;
    for (const direction of ['up', 'down'] as const) {
      const session = this.#table.byEnd(direction, key);
      if (session !== undefined) this.#table.unbind(session, { ...noEnds, [direction]: [key] });
    }
  }

  #request(key: string, message: GtpControl, source: number, destination: number, at: number): void {
    // A repeated request takes the place of the one before: what is asked for last holds.
    const before = this.#pending.get(key);
    if (before !== undefined) this.#drop(key, before);
    const tunnel = this.#table.byControlEnd(
      endKey(destination, message.teid),
      message.linkedBearer ?? message.bearers[0]?.id,
    );
    const isNew = message.procedure === 'create' && (message.imsi !== '' || message.teid === 0);
    if (!isNew && (message.teid === 0 || tunnel === undefined)) return;
    const side = isNew || tunnel!.network.includes(endKey(destination, message.teid)) ? 'access' : 'network';
    const session = isNew ? this.#candidate(message, at) : tunnel!.session;
    const ends = message.bearers.map((bearer) => endsOfBearer(bearer, side, this.#nodes));
    const early = { up: ends.flatMap(({ up }) => up), down: ends.flatMap(({ down }) => down) };
    if (this.#pending.size >= MAX_PENDING) this.#giveUpOldest();
    const about = isNew ? undefined : tunnel;
    this.#pending.set(key, { source, destination, message, side, session, tunnel: about, early, askedAt: at });
    this.#table.bind(session, early);
  }

  /** A session that is asked for and does not stand yet. */
  #candidate(message: GtpControl, at: number): Session {
    const state = newState('gtp', Number.NaN, at, toldBy(message));
    return { state, key: '', tunnels: [], lastAt: Number.NEGATIVE_INFINITY, queuedAt: at, stands: false };
  }

  /** Forgets a request; `tunnel` and `session` are as if it had not been. */
  #drop(key: string, { session, tunnel, early }: Pending): void {
    this.#pending.delete(key);
    this.#table.unbind(session, early);
    if (tunnel === undefined || !session.tunnels.includes(tunnel)) return;
    for (const ends of tunnel.bearers) this.#table.bind(session, ends);
  }

  #respond(key: string, response: GtpControl, destination: number, at: number): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) {
      if (response.procedure === 'create' && response.accepted) this.#createUnasked(response, destination, at);
      return;
    }
    this.#drop(key, pending);
    const isDone = response.accepted === true || (response.isUnknown && response.procedure.startsWith('delete'));
    if (isDone) this.#apply(pending, response, at);
  }

  #apply(pending: Pending, response: GtpControl | undefined, at: number): void {
    const { message, tunnel } = pending;
    if (tunnel === undefined) this.#create(pending, response, at);
    // It may have ended while the request was under way.
    else if (!tunnel.session.tunnels.includes(tunnel)) return;
    else if (message.procedure === 'delete' || message.procedure === 'delete-bearer') this.#delete(tunnel, message, at);
    else this.#update(pending, tunnel, response, at);
  }

  #create({ message, askedAt }: Pending, response: GtpControl | undefined, at: number): void {
    const bearer = message.linkedBearer ?? message.bearers[0]?.id ?? response?.bearers[0]?.id ?? 0;
    const key = message.imsi === '' ? '' : `gtp ${message.imsi} ${bearer}`;
    const addresses = userAddresses(this.#addresses, response?.ipv4 ?? message.ipv4, response?.ipv6 ?? message.ipv6);
    // The same session may be asked for on the way to each of two gateways, or anew by another one at a handover.
    const standing = this.#table.byKey(key);
    const session =
      standing !== undefined && isOneSession(standing.state, addresses)
        ? standing
        : this.#table.open(key, newState('gtp', at, at, toldBy(message)), at);
    this.#table.amend(session, toldBy(message), at);
    this.#table.setAddresses(session, addresses, askedAt, at);
    const tunnel: ControlTunnel = {
      session,
      access: this.#keysOf(message.controlEnds),
      network: this.#keysOf(response?.controlEnds ?? []),
      bearers: [],
    };
    mergeBearers(tunnel, message.bearers, 'access', this.#nodes);
    mergeBearers(tunnel, bearersOfResponse(response, message), 'network', this.#nodes);
    this.#addTunnel(tunnel, at);
  }

  /** Adds a tunnel, in place of the one between the same nodes if there is one. */
  #addTunnel(tunnel: ControlTunnel, at: number): void {
    const { session } = tunnel;
    const between = session.tunnels.find(
      ({ access, network }) =>
        nodeOf(access[0]) === nodeOf(tunnel.access[0]) && nodeOf(network[0]) === nodeOf(tunnel.network[0]),
    );
    const stale = between ?? (session.tunnels.length >= MAX_TUNNELS ? session.tunnels[0] : undefined);
    this.#table.addTunnel(tunnel, at, stale);
    this.#table.amend(session, factsOfTunnels(session), at);
  }

  /** A session was accepted whose request was not seen: it is nobody's that is known, and ends the one that had its address. */
  #createUnasked(response: GtpControl, destination: number, at: number): void {
    const addresses = userAddresses(this.#addresses, response.ipv4, response.ipv6);
    const access = response.teid === 0 ? [] : [endKey(destination, response.teid)];
    const ends = response.bearers.flatMap((bearer) => endsOfBearer(bearer, 'network', this.#nodes).up);
    const standing = this.#table.byEnd('up', ends[0] ?? Number.NaN);
    // The answer to a repeated request, repeated too.
    const isRepeated =
      standing !== undefined &&
      isOneSession(standing.state, addresses) &&
      standing.tunnels.some((tunnel) => access.every((key) => tunnel.access.includes(key)));
    if (isRepeated) return;
    const session = this.#table.open('', newState('gtp', at, at, toldBy(response)), at);
    this.#table.setAddresses(session, addresses, at, at);
    const tunnel: ControlTunnel = {
      session,
      access,
      network: this.#keysOf(response.controlEnds),
      bearers: [],
    };
    mergeBearers(tunnel, response.bearers, 'network', this.#nodes);
    this.#addTunnel(tunnel, at);
  }

  #update({ message, side }: Pending, tunnel: ControlTunnel, response: GtpControl | undefined, at: number): void {
    const { session } = tunnel;
    this.#table.changeTunnel(tunnel, at, () => {
      this.#setControlEnds(tunnel, side, message);
      if (response !== undefined) this.#setControlEnds(tunnel, otherSide(side), response);
      const asked = message.procedure === 'create-bearer' ? [] : message.bearers;
      mergeBearers(tunnel, asked, side, this.#nodes);
      mergeBearers(tunnel, bearersOfResponse(response, message), otherSide(side), this.#nodes);
    });
    this.#table.amend(session, { ...toldBy(message), ...factsOfTunnels(session) }, at);
  }

  #setControlEnds(tunnel: ControlTunnel, side: Side, { controlEnds }: GtpControl): void {
    if (controlEnds.length > 0) tunnel[side] = this.#keysOf(controlEnds);
  }

  #delete(tunnel: ControlTunnel, message: GtpControl, at: number): void {
    const ids = message.bearers.flatMap(({ id }) => id ?? []);
    const isLast = ids.length === 0 || tunnel.bearers.every(({ id }) => ids.includes(id));
    if (message.linkedBearer !== undefined || isLast) this.#table.removeTunnel(tunnel, at, 'deleted');
    else {
      this.#table.changeTunnel(tunnel, at, () => {
        tunnel.bearers = tunnel.bearers.filter(({ id }) => !ids.includes(id));
      });
    }
  }

  #keysOf(ends: readonly TunnelEnd[]): number[] {
    return ends.map((end) => keyOfEnd(end, this.#nodes));
  }

  checkpoint() {
    return this.#pending;
  }

  restore(pending: ReturnType<GtpSessions['checkpoint']>): void {
    this.#pending = pending;
  }

  /** Marks the ids of nodes in use. */
  markNodes(marks: Uint8Array): void {
    for (const { source, destination } of this.#pending.values()) {
      marks[source] = 1;
      marks[destination] = 1;
    }
  }

  /** Ends the requests last sent a minute before packet time `at`. */
  expire(at: number): void {
    for (const [key, pending] of this.#pending) {
      if (Math.abs(at - pending.askedAt) <= TRANSACTION_TIMEOUT_US) return;
      this.#giveUp(key, pending);
    }
  }

  #giveUpOldest(): void {
    for (const [key, pending] of this.#pending) {
      this.#giveUp(key, pending);
      return;
    }
  }

  /** No response was seen. Of a create that packets have used, and of a change or an end, it was lost on the way to us. */
  #giveUp(key: string, pending: Pending): void {
    this.#drop(key, pending);
    const isCreate = pending.tunnel === undefined;
    if (!isCreate || pending.session.lastAt >= pending.askedAt) this.#apply(pending, undefined, pending.askedAt);
  }
}

/** The same addresses, as far as both are known? */
const isOneSession = (state: SessionState, { ipv4, ipv6 }: UserAddresses): boolean =>
  (ipv4 === NO_ADDRESS || state.ipv4 === NO_ADDRESS || ipv4 === state.ipv4) &&
  (ipv6 === NO_ADDRESS || state.ipv6 === NO_ADDRESS || ipv6 === state.ipv6);
