/** Sessions as RADIUS accounting tells of them (RFC 2866): a request tells what has happened, so nobody waits for the answer. */
import { SECOND } from '../kit/time.ts';
import type { AddressTable } from '../packet/address-table.ts';
import { decodeRadiusAccounting, mayBeAccountingRequest, type RadiusAccounting } from '../packet/radius-accounting.ts';
import { isSameSubscriber, NO_ADDRESS, newState, type SessionFacts, toldBy, userAddresses } from './session-state.ts';
import type { SessionTable } from './session-table.ts';

/** So many seconds before `at`; NaN if that is before 1970, for then the clock or the number is wrong. */
const before = (at: number, seconds: number): number => {
  const then = at - seconds * SECOND;
  return then >= 0 ? then : Number.NaN;
};

export class RadiusSessions {
  /** Requests that could not be decoded. */
  malformed = 0;
  readonly #table: SessionTable;
  readonly #addresses: AddressTable;
  readonly #nodes: AddressTable;

  /**
   * @param addresses table of user addresses
   * @param nodes table of the addresses of nodes
   */
  constructor(table: SessionTable, addresses: AddressTable, nodes: AddressTable) {
    this.#table = table;
    this.#addresses = addresses;
    this.#nodes = nodes;
  }

  /** A datagram from or to a port of accounting. `source`: id of a node. */
  read(bytes: Uint8Array, start: number, end: number, source: number, at: number): void {
    if (!mayBeAccountingRequest(bytes, start, end)) return;
    const request = decodeRadiusAccounting(bytes, start, end);
    if (request === undefined) this.malformed++;
    else if (request.status !== 'other') this.#follow(request, source, at);
  }

  #follow(request: RadiusAccounting, source: number, at: number): void {
    const table = this.#table;
    const { status, sessionId, delayS, sessionS } = request;
    const nas = request.nas === '' ? this.#nodes.text(source) : request.nas;
    const key = `radius ${nas} ${sessionId}`;
    const toldAt = before(at, delayS);
    const happenedAt = Number.isNaN(toldAt) ? at : toldAt;
    const standing = table.byKey(key);
    if (status === 'stop') {
      if (standing !== undefined) table.end(standing, happenedAt, 'stopped');
      return;
    }
    // An update tells since when the session has stood, should its start have been missed.
    const openedAt = status === 'start' ? happenedAt : before(happenedAt, sessionS);
    const facts = this.#factsOf(request);
    const state = newState('radius', openedAt, happenedAt, facts, `session:${nas} ${sessionId}`);
    const isRepeated = standing !== undefined && isSameSubscriber(standing.state, state);
    const session = isRepeated ? standing : table.open(key, state, at);
    table.amend(session, facts, happenedAt);
    const since = Number.isNaN(openedAt) ? Number.NEGATIVE_INFINITY : openedAt;
    table.setAddresses(session, userAddresses(this.#addresses, request.ipv4, request.ipv6), since, at);
  }

  #factsOf(request: RadiusAccounting): SessionFacts {
    const { accessNode, networkNode } = request;
    return {
      ...toldBy(request),
      accessNode: accessNode === undefined ? NO_ADDRESS : this.#nodes.of(accessNode),
      networkNode: networkNode === undefined ? NO_ADDRESS : this.#nodes.of(networkNode),
    };
  }
}
