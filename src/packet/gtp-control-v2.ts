/** GTPv2-C: sessions and bearers created, modified, deleted (3GPP TS 29.274 sections 5, 7.2 and 8). */
import {
  type Bearer,
  type GtpControl,
  type GtpProcedure,
  MAX_BEARERS,
  MAX_ENDS,
  type TunnelEnd,
} from './gtp-control.ts';
import { elementAddress, elementWord, type GtpElement } from './gtp-element.ts';
import { accessPointText, bcdDigits, flaggedPlace, nowhere, plmnText, ratName } from './mobile-elements.ts';

/** Flags of the first byte: version in the upper three bits, then "another message follows" and "has a TEID". */
const PIGGYBACK = 0x10;
const HAS_TEID = 0x08;
/** One message may ride on another, no more. */
const MAX_MESSAGES = 2;
const ELEMENT_HEADER_BYTES = 4;

const procedures: Readonly<Record<number, readonly [GtpProcedure, 'request' | 'response']>> = {
  32: ['create', 'request'],
  33: ['create', 'response'],
  34: ['update', 'request'],
  35: ['update', 'response'],
  36: ['delete', 'request'],
  37: ['delete', 'response'],
  38: ['change-place', 'request'],
  39: ['change-place', 'response'],
  95: ['create-bearer', 'request'],
  96: ['create-bearer', 'response'],
  97: ['update-bearer', 'request'],
  98: ['update-bearer', 'response'],
  99: ['delete-bearer', 'request'],
  100: ['delete-bearer', 'response'],
};

/** Types of elements (table 8.1-1). */
const GtpV2Element = {
  IMSI: 1,
  CAUSE: 2,
  ACCESS_POINT_NAME: 71,
  EPS_BEARER_ID: 73,
  MEI: 75,
  MSISDN: 76,
  PDN_ADDRESS_ALLOCATION: 79,
  RAT_TYPE: 82,
  SERVING_NETWORK: 83,
  USER_LOCATION: 86,
  F_TEID: 87,
  BEARER_CONTEXT: 93,
} as const;

/** By interface type (8.22): who owns the end of a user plane tunnel. Those for forwarding at a handover carry nothing new. */
const accessInterfaces: ReadonlySet<number> = new Set([0, 2, 4, 15, 31, 34, 38]);
const networkInterfaces: ReadonlySet<number> = new Set([1, 3, 5, 16, 33, 37, 39]);
const gatewayInterfaces: ReadonlySet<number> = new Set([4, 5]);

/** The elements in [at, end); undefined if one does not fit. */
const elementsOf = (bytes: Uint8Array, at: number, end: number): readonly GtpElement[] | undefined => {
  const elements: GtpElement[] = [];
  while (at < end) {
    const start = at + ELEMENT_HEADER_BYTES;
    if (start > end) return undefined;
    const elementEnd = start + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
    if (elementEnd > end) return undefined;
    elements.push({ type: bytes[at]!, instance: bytes[at + 3]! & 0x0f, start, end: elementEnd });
    at = elementEnd;
  }
  return elements;
};

/** Those of that type and instance that are as long as they must be. */
const allOf = (elements: readonly GtpElement[], type: number, instance: number, atLeast: number) =>
  elements.filter(
    (element) => element.type === type && element.instance === instance && element.end - element.start >= atLeast,
  );

/** Acceptance is 16 to 63 (table 8.4-1). */
const isAccepted = (cause: number): boolean => cause >= 16 && cause < 64;
const CONTEXT_NOT_FOUND = 64;

/** A fully qualified TEID: an end for each address in it (8.22). */
const readEnds = (bytes: Uint8Array, { start, end }: GtpElement, side: TunnelEnd['side']): TunnelEnd[] => {
  const flags = bytes[start]!;
  const teid = elementWord(bytes, start + 1);
  const isBetweenGateways = gatewayInterfaces.has(flags & 0x3f);
  const ends: TunnelEnd[] = [];
  let at = start + 5;
  for (const [flag, length] of [
    [0x80, 4],
    [0x40, 16],
  ] as const) {
    if ((flags & flag) === 0 || at + length > end) continue;
    const node = elementAddress(bytes, at, length);
    if (node !== undefined) ends.push({ teid, node, side, isBetweenGateways });
    at += length;
  }
  return ends;
};

const readBearer = (bytes: Uint8Array, { start, end }: GtpElement): Bearer | undefined => {
  const elements = elementsOf(bytes, start, end);
  if (elements === undefined) return undefined;
  const id = elements.find(({ type, start, end }) => type === GtpV2Element.EPS_BEARER_ID && end > start);
  const cause = elements.find(({ type, start, end }) => type === GtpV2Element.CAUSE && end > start);
  return {
    id: id && bytes[id.start]! & 0x0f,
    accepted: cause && isAccepted(bytes[cause.start]!),
    ends: elements.slice(0, MAX_ENDS).flatMap((element) => {
      if (element.type !== GtpV2Element.F_TEID || element.end - element.start < 5) return [];
      const kind = bytes[element.start]! & 0x3f;
      if (accessInterfaces.has(kind)) return readEnds(bytes, element, 'access');
      return networkInterfaces.has(kind) ? readEnds(bytes, element, 'network') : [];
    }),
  };
};

/** PDN address allocation (8.14): prefix length and address of IPv6, then IPv4, by the type in the first byte. */
const readUserAddress = (bytes: Uint8Array, { start, end }: GtpElement): Pick<GtpControl, 'ipv4' | 'ipv6'> => {
  const type = bytes[start]! & 0x07;
  const ipv4At = type === 1 ? start + 1 : start + 18;
  return {
    ipv4: (type === 1 || type === 3) && ipv4At + 4 <= end ? elementAddress(bytes, ipv4At, 4) : undefined,
    ipv6: (type === 2 || type === 3) && start + 18 <= end ? elementAddress(bytes, start + 2, 16) : undefined,
  };
};

/** The message in [start, end), whose bounds its header gave. */
const decodeMessage = (bytes: Uint8Array, start: number, end: number): GtpControl | undefined => {
  const hasTeid = (bytes[start]! & HAS_TEID) !== 0;
  const sequenceAt = start + (hasTeid ? 8 : 4);
  if (sequenceAt + 4 > end) return undefined;
  const [procedure, role] = procedures[bytes[start + 1]!] ?? ['other', 'request'];
  const elements = procedure === 'other' ? [] : elementsOf(bytes, sequenceAt + 4, end);
  if (elements === undefined) return undefined;

  const find = (type: number, atLeast = 1, instance = 0): GtpElement | undefined =>
    allOf(elements, type, instance, atLeast)[0];
  const byte = (type: number): number | undefined => {
    const found = find(type);
    return found && bytes[found.start];
  };
  const digits = (type: number): string => {
    const found = find(type);
    return found === undefined ? '' : bcdDigits(bytes, found.start, found.end);
  };

  const bearers: Bearer[] = [];
  for (const element of allOf(elements, GtpV2Element.BEARER_CONTEXT, 0, 0).slice(0, MAX_BEARERS)) {
    const bearer = readBearer(bytes, element);
    if (bearer === undefined) return undefined;
    bearers.push(bearer);
  }
  if (procedure === 'delete-bearer') {
    for (const { start: at } of allOf(elements, GtpV2Element.EPS_BEARER_ID, 1, 1).slice(0, MAX_BEARERS)) {
      bearers.push({ id: bytes[at]! & 0x0f, accepted: undefined, ends: [] });
    }
  }
  const cause = byte(GtpV2Element.CAUSE);
  const linked = byte(GtpV2Element.EPS_BEARER_ID);
  const apn = find(GtpV2Element.ACCESS_POINT_NAME);
  const address = find(GtpV2Element.PDN_ADDRESS_ALLOCATION);
  const location = find(GtpV2Element.USER_LOCATION);
  const network = find(GtpV2Element.SERVING_NETWORK, 3);
  // A gateway that answers another one names itself as the second kind; beside a sender that end is of another tunnel.
  const sender = find(GtpV2Element.F_TEID, 5) ?? find(GtpV2Element.F_TEID, 5, 1);
  const place = location === undefined ? nowhere : flaggedPlace(bytes, location.start, location.end);
  const plmn = network === undefined ? '' : plmnText(bytes, network.start);
  return {
    version: 2,
    procedure,
    isResponse: role === 'response',
    teid: hasTeid ? elementWord(bytes, start + 4) : 0,
    sequence: (bytes[sequenceAt]! << 16) | (bytes[sequenceAt + 1]! << 8) | bytes[sequenceAt + 2]!,
    accepted: cause === undefined ? undefined : isAccepted(cause),
    isUnknown: cause === CONTEXT_NOT_FOUND,
    imsi: digits(GtpV2Element.IMSI),
    msisdn: digits(GtpV2Element.MSISDN),
    imei: digits(GtpV2Element.MEI),
    userName: '',
    apn: apn === undefined ? '' : accessPointText(bytes, apn.start, apn.end),
    rat: ratName(byte(GtpV2Element.RAT_TYPE) ?? 0),
    cell: place.cell,
    plmn: plmn === '' ? place.plmn : plmn,
    ...(address === undefined ? { ipv4: undefined, ipv6: undefined } : readUserAddress(bytes, address)),
    controlEnds: sender === undefined ? [] : readEnds(bytes, sender, undefined),
    bearers,
    linkedBearer: linked === undefined ? undefined : linked & 0x0f,
  };
};

/**
 * Reads a datagram: a message, and the one that rides on it.
 *
 * @returns undefined for what is no GTPv2 message, or a broken one
 */
export const decodeGtpControlV2 = (
  bytes: Uint8Array,
  start: number,
  end: number,
): readonly GtpControl[] | undefined => {
  const messages: GtpControl[] = [];
  let at = start;
  for (let follows = true; follows && messages.length < MAX_MESSAGES; ) {
    if (at + 8 > end || bytes[at]! >> 5 !== 2) return undefined;
    const messageEnd = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    const message = messageEnd <= end ? decodeMessage(bytes, at, messageEnd) : undefined;
    if (message === undefined) return undefined;
    messages.push(message);
    follows = (bytes[at]! & PIGGYBACK) !== 0;
    at = messageEnd;
  }
  return messages;
};
