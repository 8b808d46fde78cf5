/** Follows mobile sessions by GTP, RADIUS and a feed, and tells flows whose they are. */
import { MINUTE } from '../kit/time.ts';
import { wordAt } from '../packet/address.ts';
import { AddressTable } from '../packet/address-table.ts';
import { PORT_GTP_CONTROL } from '../packet/gtp-control.ts';
import { GTP_USER_PORT } from '../packet/gtp-user.ts';
import type { Layers } from '../packet/layers.ts';
import { radiusAccountingPorts } from '../packet/radius-accounting.ts';
import type { SessionFeed } from '../packet/session-feed.ts';
import { isInGtp } from '../packet/tunnel.ts';
import { FeedSessions } from './feed-sessions.ts';
import { GtpSessions } from './gtp-sessions.ts';
import { MobileBit, MobileFlows } from './mobile-flows.ts';
import type { ProbeObserver } from './observer.ts';
import { RadiusSessions } from './radius-sessions.ts';
import { endKey, type Session } from './session.ts';
import { NO_ADDRESS, type SessionEnd, type SessionState } from './session-state.ts';
import { SessionTable } from './session-table.ts';

/** Sessions that stand at once, some 2 KB each; beyond that the one opened first of those not in use is evicted. */
const MAX_SESSIONS = 1 << 19;

const NODES_BEFORE_SWEEP = 1 << 16;

const emptyFeed: SessionFeed = {
  size: 0,
  byStart: new Uint32Array(0),
  byEnd: new Uint32Array(0),
  from: () => Number.NaN,
  until: () => Number.NaN,
  session: () => {
    throw new Error('an empty feed has no sessions');
  },
};

/** A part of a session that is over. */
export interface EndedSession {
  readonly state: SessionState;
  /** NaN where the session goes on. */
  readonly endedAt: number;
  readonly reason: SessionEnd;
}

export class SessionTracker {
  /** What the observer is being told of. */
  ended: EndedSession | undefined;
  readonly flows = new MobileFlows();
  /** Since when the client's address of the flow that is being opened has been its own; -Infinity if that is not known. */
  heldSince = Number.NEGATIVE_INFINITY;
  /** Packets in GTP tunnels of sessions that are not known. */
  unknown = 0;
  /** Addresses of GTP and RADIUS nodes: few, so that their ids stay small. */
  readonly nodes = new AddressTable();
  readonly #addresses: AddressTable;
  readonly #table: SessionTable;
  readonly #gtp: GtpSessions;
  readonly #radius: RadiusSessions;
  readonly #feed: FeedSessions;
  #nextIdleAt = Number.NEGATIVE_INFINITY;
  #nextSweepSize = NODES_BEFORE_SWEEP;
  /** Of the packet that was located last: the session, and whether the packet is from its subscriber or for him. */
  #session: Session | undefined;
  #isFromUser = false;

  constructor(
    addresses: AddressTable,
    observer: ProbeObserver,
    feed: SessionFeed = emptyFeed,
    maxSessions = MAX_SESSIONS,
  ) {
    this.#addresses = addresses;
    this.#table = new SessionTable(maxSessions, (state, endedAt, reason) => {
      // Those of a feed are told as they stand there.
      if (state.kind === 'csv') return;
      this.ended = { state, endedAt, reason };
      observer.sessionEnded();
      this.ended = undefined;
    });
    this.#gtp = new GtpSessions(this.#table, addresses, this.nodes);
    this.#radius = new RadiusSessions(this.#table, addresses, this.nodes);
    this.#feed = new FeedSessions(feed, this.#table, addresses);
  }

  /** Messages that could not be decoded. */
  get gtpMalformed(): number {
    return this.#gtp.malformed;
  }

  get radiusMalformed(): number {
    return this.#radius.malformed;
  }

  /** Begins counting anew. */
  beginAccount(): void {
    this.unknown = 0;
    this.#gtp.malformed = 0;
    this.#radius.malformed = 0;
  }

  /** When a session of the feed begins or ends next. */
  get nextAt(): number {
    return this.#feed.nextAt;
  }

  /** A datagram with payload, for which `isControl`. What a subscriber sends in a tunnel is not believed. */
  control(layers: Layers, at: number): void {
    const { bytes, payloadStart, payloadEnd, sourceAt, destinationAt, sourcePort, destinationPort } = layers;
    if (isInGtp(layers.tunnel)) return;
    const source = this.#node(layers, sourceAt, layers.v6);
    const isFromOrTo = (port: number): boolean => sourcePort === port || destinationPort === port;
    if (isFromOrTo(PORT_GTP_CONTROL)) {
      const destination = this.#node(layers, destinationAt, layers.v6);
      this.#gtp.read(bytes, payloadStart, payloadEnd, source, destination, sourcePort, destinationPort, at);
    } else if (isFromOrTo(GTP_USER_PORT)) this.#gtp.readUserPlane(bytes, payloadStart, payloadEnd, source);
    else this.#radius.read(bytes, payloadStart, payloadEnd, source, at);
  }

  /**
   * Finds whose packet it is that opens a flow: by the end of its tunnel, else by an address.
   *
   * @returns is it from a subscriber, or for one? undefined if neither is known for one
   */
  locate(layers: Layers): boolean | undefined {
    this.#session = undefined;
    if (isInGtp(layers.tunnel)) {
      const key = endKey(this.#node(layers, layers.gtpDestinationAt, layers.gtpV6), layers.teid);
      this.#isFromUser = true;
      this.#session = this.#table.byEnd('up', key);
      if (this.#session === undefined) {
        this.#isFromUser = false;
        this.#session = this.#table.byEnd('down', key);
      }
    }
    if (this.#session === undefined && !this.#table.isEmpty) {
      this.#isFromUser = true;
      this.#session = this.#table.addresses.sessionAt(this.#userAddress(layers, layers.sourceAt));
      if (this.#session === undefined) {
        this.#isFromUser = false;
        this.#session = this.#table.addresses.sessionAt(this.#userAddress(layers, layers.destinationAt));
      }
    }
    return this.#session === undefined ? undefined : this.#isFromUser;
  }

  /**
   * A flow opens with the packet of the last `locate`.
   *
   * @param up is the packet from the client?
   * @returns the flow's record of the mobile side, 0 if there is nothing to keep
   */
  open(layers: Layers, up: boolean, at: number): number {
    const inGtp = isInGtp(layers.tunnel);
    this.heldSince = Number.NEGATIVE_INFINITY;
    if (this.#table.isEmpty && !inGtp) return 0;
    let session = this.#session;
    let isClients = session !== undefined && this.#isFromUser === up;
    const client = this.#userAddress(layers, up ? layers.sourceAt : layers.destinationAt);
    if (session !== undefined && !isClients) {
      // Between two subscribers: who opened the flow is the client.
      const own = this.#table.addresses.sessionAt(client);
      isClients = own !== undefined;
      session = own ?? session;
    } else if (session !== undefined) this.#learnAddress(session, layers, client, at);
    this.heldSince = this.#table.addresses.heldSince(client);
    if (session !== undefined) session.lastAt = at;
    else if (!inGtp) return 0;
    const bits = (inGtp ? MobileBit.IN_TUNNEL : 0) | (isClients ? MobileBit.IS_CLIENT : 0);
    const record = this.flows.add(session?.state, bits);
    if (inGtp) {
      // The node on the side of the client sends what comes from the client.
      const peerAt = up ? layers.gtpSourceAt : layers.gtpDestinationAt;
      this.flows.setPeer(record, this.#node(layers, peerAt, layers.gtpV6));
    }
    return record;
  }

  /** The response to a create was missed: packets tell the address. */
  #learnAddress(session: Session, { v6 }: Layers, address: number, at: number): void {
    const { ipv4, ipv6 } = session.state;
    if (!session.stands || ipv4 !== NO_ADDRESS || ipv6 !== NO_ADDRESS) return;
    const addresses = v6 ? { ipv4: NO_ADDRESS, ipv6: address } : { ipv4: address, ipv6: NO_ADDRESS };
    this.#table.setAddresses(session, addresses, at, at);
  }

  #node({ bytes }: Layers, addressAt: number, v6: boolean): number {
    return v6 ? this.nodes.ipv6(bytes, addressAt) : this.nodes.ipv4(wordAt(bytes, addressAt));
  }

  /** What sessions know an address by: of IPv6 its /64. */
  #userAddress({ bytes, v6 }: Layers, addressAt: number): number {
    return v6 ? this.#addresses.ipv6Net(bytes, addressAt) : this.#addresses.ipv4(wordAt(bytes, addressAt));
  }

  /** Packet time is `at` now: what began or ended by itself, and requests whose responses were not seen. */
  expire(at: number): void {
    this.#feed.advance(at);
    this.#gtp.expire(at);
    if (at < this.#nextIdleAt) return;
    this.#nextIdleAt = at + MINUTE;
    this.#table.expire(at);
    if (this.nodes.size >= this.#nextSweepSize) this.#sweepNodes();
  }

  /** Gives up nodes that nothing refers to: whoever sends messages can name as many as he likes. */
  #sweepNodes(): void {
    const marks = new Uint8Array(this.nodes.bound);
    this.#table.markNodes(marks);
    this.#gtp.markNodes(marks);
    this.flows.markNodes(marks);
    this.nodes.sweep(marks);
    this.#nextSweepSize = 2 * this.nodes.size + NODES_BEFORE_SWEEP;
  }

  /** The input is over. */
  finish(): void {
    this.#table.finish();
  }

  checkpoint() {
    return {
      table: this.#table.checkpoint(),
      requests: this.#gtp.checkpoint(),
      feed: this.#feed.checkpoint(),
      flows: this.flows.checkpoint(),
      nodes: this.nodes.checkpoint(),
      nextIdleAt: this.#nextIdleAt,
    };
  }

  /** @param at packet time */
  restore(
    { table, requests, feed, flows, nodes, nextIdleAt }: ReturnType<SessionTracker['checkpoint']>,
    at: number,
  ): void {
    this.#table.restore(table);
    this.#gtp.restore(requests);
    this.#feed.restore(feed, at);
    this.flows.restore(flows);
    this.nodes.restore(nodes);
    this.#nextIdleAt = nextIdleAt;
  }

  /** The interner was reset. */
  forgetCodes(): void {
    this.nodes.forgetCodes();
  }

  /** Marks the address ids in use. */
  markAddresses(marks: Uint8Array): void {
    this.#table.markAddresses(marks);
  }
}

const controlPorts = new Uint8Array(0x1_0000);
for (const port of [PORT_GTP_CONTROL, GTP_USER_PORT, ...radiusAccountingPorts]) controlPorts[port] = 1;

/** Is `control` to be given datagrams between these ports? */
export const isControl = (sourcePort: number, destinationPort: number): boolean =>
  (controlPorts[sourcePort]! | controlPorts[destinationPort]!) !== 0;
