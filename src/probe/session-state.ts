/** What holds of a mobile session for a time. */
import type { AddressTable } from '../packet/address-table.ts';
import type { Subscriber } from '../packet/subscriber.ts';

export type SessionKind = 'gtp' | 'radius' | 'csv';

export type SessionEnd = 'updated' | 'deleted' | 'stopped' | 'replaced' | 'idle' | 'evicted' | 'eof';

/** No address. */
export const NO_ADDRESS = -1;

interface Told extends Omit<Subscriber, 'ipv4' | 'ipv6'> {
  /** Type allocation code: the model of the device. */
  readonly tac: string;
}

/** Never changed, so that flows may keep what held when they began. Missing are '', NaN, and `NO_ADDRESS`. */
export interface SessionState extends Told {
  readonly kind: SessionKind;
  /** What the subscriber is known by: `imsi:`, `msisdn:`, `user:` or `session:` and the rest; '' if by nothing. */
  readonly identity: string;
  /** When the session began, and since when this holds, UTC microseconds. */
  readonly openedAt: number;
  readonly startedAt: number;
  /** User addresses, ids of the address table: the IPv4 address; the first of the /64 of IPv6. */
  readonly ipv4: number;
  readonly ipv6: number;
  /** Without sign. */
  readonly upTeid: number;
  readonly downTeid: number;
  readonly upControlTeid: number;
  readonly downControlTeid: number;
  /** Nodes that user packets go to, ids of the nodes' own table. */
  readonly accessNode: number;
  readonly networkNode: number;
}

export type UserAddresses = Pick<SessionState, 'ipv4' | 'ipv6'>;

/** User addresses as ids: of an IPv6 address its /64 counts. */
export const userAddresses = (
  addresses: AddressTable,
  ipv4: Uint8Array | undefined,
  ipv6: Uint8Array | undefined,
): UserAddresses => ({
  ipv4: ipv4 === undefined ? NO_ADDRESS : addresses.of(ipv4),
  ipv6: ipv6 === undefined ? NO_ADDRESS : addresses.ipv6Net(ipv6, 0),
});

/** What an update may tell. */
export type SessionFacts = Partial<Omit<SessionState, 'kind' | 'identity' | 'openedAt' | 'startedAt'>>;

const TAC_DIGITS = 8;
const IMEI_DIGITS = 14;

/** What a message says of the subscriber, addresses left out. Of the IMEI what names the device is left, without check digit and version. */
export const toldBy = ({ imsi, msisdn, imei, userName, apn, rat, cell, plmn }: Subscriber): Told => ({
  imsi,
  msisdn,
  imei: imei.length < IMEI_DIGITS ? '' : imei.slice(0, IMEI_DIGITS),
  tac: imei.length < TAC_DIGITS ? '' : imei.slice(0, TAC_DIGITS),
  userName,
  apn,
  rat,
  cell,
  plmn,
});

/** Of which nothing is known. A state begins as a copy of it, which gives all of them one shape. */
const blank: SessionState = {
  imsi: '',
  msisdn: '',
  imei: '',
  tac: '',
  userName: '',
  apn: '',
  rat: '',
  cell: '',
  plmn: '',
  kind: 'gtp',
  identity: '',
  openedAt: Number.NaN,
  startedAt: Number.NaN,
  ipv4: NO_ADDRESS,
  ipv6: NO_ADDRESS,
  upTeid: Number.NaN,
  downTeid: Number.NaN,
  upControlTeid: Number.NaN,
  downControlTeid: Number.NaN,
  accessNode: NO_ADDRESS,
  networkNode: NO_ADDRESS,
};

/** A session of which only what is given is known. */
export const newState = (
  kind: SessionKind,
  openedAt: number,
  startedAt: number,
  facts: SessionFacts,
  otherIdentity = '',
): SessionState => {
  const state = Object.assign({ ...blank }, facts, { kind, openedAt, startedAt });
  return Object.assign(state, { identity: identityOf(state) || otherIdentity });
};

/** The identity that is known wherever the subscriber is seen, else the next best. */
const identityOf = ({ imsi, msisdn, userName }: Told): string => {
  if (imsi !== '') return `imsi:${imsi}`;
  if (msisdn !== '') return `msisdn:${msisdn}`;
  return userName === '' ? '' : `user:${userName}`;
};

const isTold = (value: string | number): boolean => value !== '' && value !== NO_ADDRESS && !Number.isNaN(value);

/**
 * The state with what an update tells. What was missing is filled in; where something else stood before, a new state
 * begins at `at`.
 */
export const amendState = (state: SessionState, facts: SessionFacts, at: number): SessionState => {
  let isChange = false;
  const told: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(facts)) {
    const before = state[name as keyof SessionFacts];
    if (!isTold(value) || value === before) continue;
    told[name] = value;
    if (isTold(before)) isChange = true;
  }
  const amended = Object.assign({ ...state }, told);
  return Object.assign(amended, {
    identity: identityOf(amended) || state.identity,
    startedAt: isChange ? at : state.startedAt,
  });
};

/** Are two sessions of one subscriber? By the strongest identity that both have; two that have none in common are not. */
export const isSameSubscriber = (a: SessionState, b: SessionState): boolean => {
  if (a.imsi !== '' && b.imsi !== '') return a.imsi === b.imsi;
  if (a.msisdn !== '' && b.msisdn !== '') return a.msisdn === b.msisdn;
  return a.identity !== '' && a.identity === b.identity;
};
