/** What messages of GTP say of bearers and ends, as keys of the tunnels that they belong to. */
import type { AddressTable } from '../packet/address-table.ts';
import { type Bearer, type GtpControl, MAX_BEARERS, type TunnelEnd } from '../packet/gtp-control.ts';
import { type BearerEnds, type ControlTunnel, endKey, nodeOf, type Session, teidOf } from './session.ts';
import type { SessionFacts } from './session-state.ts';

export type Side = 'access' | 'network';

export const otherSide = (side: Side): Side => (side === 'access' ? 'network' : 'access');

const isEmpty = ({ up, down }: BearerEnds): boolean => up.length === 0 && down.length === 0;

/** The ends after a message: those that it gives, else those there were. */
const latest = (old: readonly number[], given: readonly number[]): readonly number[] =>
  given.length > 0 ? given : old;

/** @param nodes table of the nodes' addresses */
export const keyOfEnd = ({ node, teid }: TunnelEnd, nodes: AddressTable): number => endKey(nodes.of(node), teid);

/** @param side whose ends they are where the message does not say */
export const endsOfBearer = ({ ends }: Bearer, side: Side, nodes: AddressTable): BearerEnds => {
  // An end on the side of the network takes what the subscriber sends. One towards the radio is nearer to it.
  const sorted = [...ends].sort((a, b) => Number(a.isBetweenGateways) - Number(b.isBetweenGateways));
  const of = (wanted: Side): number[] =>
    sorted.filter((end) => (end.side ?? side) === wanted).map((end) => keyOfEnd(end, nodes));
  return { up: of('network'), down: of('access') };
};

/** The bearers of a response; those of GTPv1 have the identity that the request named. */
export const bearersOfResponse = (
  response: GtpControl | undefined,
  { bearers: [asked] }: GtpControl,
): readonly Bearer[] => (response?.bearers ?? []).map((bearer) => ({ ...bearer, id: bearer.id ?? asked?.id }));

/** Adds what a message says of bearers; one without an identity is the one that stands for the session. */
export const mergeBearers = (tunnel: ControlTunnel, told: readonly Bearer[], side: Side, nodes: AddressTable): void => {
  for (const bearer of told) {
    if (bearer.accepted === false) continue;
    const id = bearer.id || (tunnel.bearers[0]?.id ?? 0);
    const ends = endsOfBearer(bearer, side, nodes);
    const known = tunnel.bearers.find((one) => one.id === id);
    if (known !== undefined) {
      const merged = { id, up: latest(known.up, ends.up), down: latest(known.down, ends.down) };
      tunnel.bearers = tunnel.bearers.map((one) => (one === known ? merged : one));
    } else if (!isEmpty(ends) && tunnel.bearers.length < MAX_BEARERS) {
      tunnel.bearers = [...tunnel.bearers, { id, ...ends }];
    }
  }
};

/** What the session's first tunnel and the bearer that stands for it say. */
export const factsOfTunnels = ({ tunnels }: Session): SessionFacts => {
  const tunnel = tunnels[0];
  const bearer = tunnel?.bearers[0];
  return {
    upTeid: teidOf(bearer?.up[0]),
    downTeid: teidOf(bearer?.down[0]),
    upControlTeid: teidOf(tunnel?.network[0]),
    downControlTeid: teidOf(tunnel?.access[0]),
    accessNode: nodeOf(bearer?.down[0]),
    networkNode: nodeOf(bearer?.up[0]),
  };
};
