/** GTPv1-C: create, update and delete PDP context, and Error Indication (3GPP TS 29.060 sections 6, 7.3, 7.5 and 7.7). */
import type { Bearer, GtpControl, GtpProcedure, TunnelEnd } from './gtp-control.ts';
import { elementAddress, elementWord, type GtpElement } from './gtp-element.ts';
import { accessPointText, bcdDigits, nowhere, ratName, routingArea, typedPlace } from './mobile-elements.ts';

const HEADER_BYTES = 8;
/** Flags of the first byte: version in the upper three bits, then "GTP, not GTP'", and what follows the header. */
const PROTOCOL_TYPE = 0x10;
const EXTENSION = 0x04;
const ANY_OPTION = 0x07;
const MAX_EXTENSIONS = 16;
/** GSN addresses: control and user, in both families. */
const MAX_NODES = 4;

const procedures: Readonly<Record<number, GtpProcedure>> = {
  16: 'create',
  17: 'create',
  18: 'update',
  19: 'update',
  20: 'delete',
  21: 'delete',
  128: 'change-place',
  129: 'change-place',
};

const ERROR_INDICATION = 26;

/** Types of elements, named as in table 37. */
export const GtpV1Element = {
  CAUSE: 1,
  IMSI: 2,
  RAI: 3,
  RECOVERY: 14,
  SELECTION_MODE: 15,
  TEID_DATA_I: 16,
  TEID_CONTROL_PLANE: 17,
  TEARDOWN_IND: 19,
  NSAPI: 20,
  CHARGING_CHARACTERISTICS: 26,
  CHARGING_ID: 127,
  END_USER_ADDRESS: 128,
  ACCESS_POINT_NAME: 131,
  PROTOCOL_CONFIGURATION_OPTIONS: 132,
  GSN_ADDRESS: 133,
  MSISDN: 134,
  QUALITY_OF_SERVICE: 135,
  RAT_TYPE: 151,
  USER_LOCATION: 152,
  IMEI: 154,
  PRIVATE_EXTENSION: 255,
} as const;

/** Bytes of the value by type, for the elements under 128, which do not tell their length (table 37). */
const fixedBytes: Readonly<Record<number, number>> = {
  1: 1,
  2: 8,
  3: 6,
  4: 4,
  5: 4,
  8: 1,
  9: 28,
  11: 1,
  12: 3,
  13: 1,
  14: 1,
  15: 1,
  16: 4,
  17: 4,
  18: 5,
  19: 1,
  20: 1,
  21: 1,
  22: 9,
  23: 1,
  24: 1,
  25: 2,
  26: 2,
  27: 2,
  28: 2,
  29: 1,
  127: 4,
};

interface Header {
  readonly type: number;
  readonly teid: number;
  readonly sequence: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

const decodeHeader = (bytes: Uint8Array, start: number, end: number): Header | undefined => {
  if (start + HEADER_BYTES > end) return undefined;
  const flags = bytes[start]!;
  if (flags >> 5 !== 1 || (flags & PROTOCOL_TYPE) === 0) return undefined;
  const bodyEnd = start + HEADER_BYTES + ((bytes[start + 2]! << 8) | bytes[start + 3]!);
  if (bodyEnd > end) return undefined;
  let at = start + HEADER_BYTES;
  let sequence = 0;
  if ((flags & ANY_OPTION) !== 0) {
    if (at + 4 > bodyEnd) return undefined;
    sequence = (bytes[at]! << 8) | bytes[at + 1]!;
    let next = (flags & EXTENSION) === 0 ? 0 : bytes[at + 3]!;
    at += 4;
    for (let i = 0; next !== 0; i++) {
      if (i === MAX_EXTENSIONS || at >= bodyEnd || bytes[at] === 0) return undefined;
      at += 4 * bytes[at]!;
      if (at > bodyEnd) return undefined;
      next = bytes[at - 1]!;
    }
  }
  return { type: bytes[start + 1]!, teid: elementWord(bytes, start + 4), sequence, bodyStart: at, bodyEnd };
};

/**
 * The elements in [at, end), those of one type numbered in their order.
 *
 * @returns undefined if one does not fit, or is of a fixed length that no standard gives
 */
const elementsOf = (bytes: Uint8Array, at: number, end: number): readonly GtpElement[] | undefined => {
  const elements: GtpElement[] = [];
  const counts = new Uint16Array(256);
  while (at < end) {
    const type = bytes[at]!;
    let start = at + 1;
    let length = fixedBytes[type];
    if (type >= 128) {
      if (start + 2 > end) return undefined;
      length = (bytes[start]! << 8) | bytes[start + 1]!;
      start += 2;
    }
    if (length === undefined || start + length > end) return undefined;
    elements.push({ type, instance: counts[type]!++, start, end: start + length });
    at = start + length;
  }
  return elements;
};

/** The elements of the GTPv1 message in [start, end); undefined if it is none, or broken. */
export const gtpV1Elements = (bytes: Uint8Array, start: number, end: number): readonly GtpElement[] | undefined => {
  const header = decodeHeader(bytes, start, end);
  return header && elementsOf(bytes, header.bodyStart, header.bodyEnd);
};

/** Acceptance is 128 to 191; the two below say that there is no such context (table 38). */
const isAccepted = (cause: number): boolean => cause >= 128 && cause < 192;
const NON_EXISTENT = 192;
const CONTEXT_NOT_FOUND = 210;

const noAddress = { ipv4: undefined, ipv6: undefined } as const;

/** Of an end user address of the IETF: IPv4, IPv6, or both, by the number of the type and the length (7.7.27). */
const readUserAddress = (bytes: Uint8Array, { start, end }: GtpElement): Pick<GtpControl, 'ipv4' | 'ipv6'> => {
  const length = end - start - 2;
  if (length < 4 || (bytes[start]! & 0x0f) !== 1) return noAddress;
  const at = start + 2;
  const ipv6At = length === 20 ? at + 4 : at;
  return {
    ipv4: length === 4 || length === 20 ? elementAddress(bytes, at, 4) : undefined,
    ipv6: length === 16 || length === 20 ? elementAddress(bytes, ipv6At, 16) : undefined,
  };
};

/**
 * Reads one message.
 *
 * GSN addresses stand in the order control, user, and the same again of the other family.
 *
 * @returns undefined for what is no GTPv1 message, or a broken one; messages that are not followed are `other`
 */
export const decodeGtpControlV1 = (bytes: Uint8Array, start: number, end: number): GtpControl | undefined => {
  const header = decodeHeader(bytes, start, end);
  if (header === undefined) return undefined;
  const { type, teid, sequence } = header;
  const procedure = procedures[type] ?? 'other';
  const isResponse = procedure !== 'other' && (type & 1) === 1;
  const elements = procedure === 'other' ? [] : elementsOf(bytes, header.bodyStart, header.bodyEnd);
  if (elements === undefined) return undefined;

  /** The element of that type; those that are shorter than they must be are left out. */
  const find = (wanted: number, atLeast = 1, instance = 0): GtpElement | undefined => {
    const found = elements.find((element) => element.type === wanted && element.instance === instance);
    return found !== undefined && found.end - found.start >= atLeast ? found : undefined;
  };
  const byte = (wanted: number, instance = 0): number | undefined => {
    const found = find(wanted, 1, instance);
    return found && bytes[found.start];
  };
  const digits = (wanted: number, skip = 0): string => {
    const found = find(wanted, skip);
    return found === undefined ? '' : bcdDigits(bytes, found.start + skip, found.end);
  };
  const word = (wanted: number): number | undefined => {
    const found = find(wanted, 4);
    return found && elementWord(bytes, found.start);
  };
  const nodes = elements.flatMap((element) => {
    const length = element.end - element.start;
    if (element.type !== GtpV1Element.GSN_ADDRESS || element.instance >= MAX_NODES) return [];
    return length === 4 || length === 16 ? (elementAddress(bytes, element.start, length) ?? []) : [];
  });
  const endsAt = (wanted: number, first: number): TunnelEnd[] => {
    const endTeid = word(wanted);
    if (endTeid === undefined) return [];
    const own = nodes.filter((_, i) => i % 2 === first);
    return (own.length > 0 ? own : nodes).map((node) => ({
      teid: endTeid,
      node,
      side: undefined,
      isBetweenGateways: false,
    }));
  };

  const cause = byte(GtpV1Element.CAUSE);
  const nsapi = byte(GtpV1Element.NSAPI);
  const id = nsapi === undefined ? undefined : nsapi & 0x0f;
  const linked = byte(GtpV1Element.NSAPI, 1);
  const takesAll = procedure === 'delete' && ((byte(GtpV1Element.TEARDOWN_IND) ?? 0) & 1) === 1;
  const ends = endsAt(GtpV1Element.TEID_DATA_I, 1);
  const bearers: Bearer[] = id === undefined && ends.length === 0 ? [] : [{ id, accepted: undefined, ends }];
  const apn = find(GtpV1Element.ACCESS_POINT_NAME);
  const address = find(GtpV1Element.END_USER_ADDRESS);
  const location = find(GtpV1Element.USER_LOCATION);
  const area = find(GtpV1Element.RAI);
  const located = location === undefined ? nowhere : typedPlace(bytes, location.start, location.end);
  const place = located.cell === '' && area !== undefined ? routingArea(bytes, area.start, area.end) : located;
  return {
    version: 1,
    procedure,
    isResponse,
    teid,
    sequence,
    accepted: cause === undefined ? undefined : isAccepted(cause),
    isUnknown: cause === NON_EXISTENT || cause === CONTEXT_NOT_FOUND,
    imsi: digits(GtpV1Element.IMSI),
    msisdn: digits(GtpV1Element.MSISDN, 1),
    imei: digits(GtpV1Element.IMEI),
    userName: '',
    apn: apn === undefined ? '' : accessPointText(bytes, apn.start, apn.end),
    rat: ratName(byte(GtpV1Element.RAT_TYPE) ?? 0),
    ...place,
    ...(address === undefined ? noAddress : readUserAddress(bytes, address)),
    controlEnds: endsAt(GtpV1Element.TEID_CONTROL_PLANE, 0),
    bearers,
    linkedBearer: takesAll ? id : linked === undefined ? undefined : linked & 0x0f,
  };
};

/**
 * An Error Indication (7.3.7, of GTP-U): its sender, whose address it repeats, knows no context with this TEID.
 *
 * @returns undefined for any other message, or a broken one
 */
export const decodeErrorIndication = (bytes: Uint8Array, start: number, end: number): TunnelEnd | undefined => {
  const header = decodeHeader(bytes, start, end);
  if (header?.type !== ERROR_INDICATION) return undefined;
  const elements = elementsOf(bytes, header.bodyStart, header.bodyEnd) ?? [];
  const teid = elements.find(({ type }) => type === GtpV1Element.TEID_DATA_I);
  const node = elements.find(({ type }) => type === GtpV1Element.GSN_ADDRESS);
  const length = node === undefined ? 0 : node.end - node.start;
  if (teid === undefined || node === undefined || (length !== 4 && length !== 16)) return undefined;
  return {
    teid: elementWord(bytes, teid.start),
    node: bytes.slice(node.start, node.end),
    side: undefined,
    isBetweenGateways: false,
  };
};
