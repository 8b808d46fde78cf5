/** RADIUS accounting: who holds which address from when to when (RFC 2866, RFC 3162, RFC 6911; 3GPP's attributes: TS 29.061 16.4.7). */
import { formatAddress } from './address.ts';
import { accessPointOf, nowhere, ratName, typedPlace } from './mobile-elements.ts';
import type { Subscriber } from './subscriber.ts';

/** UDP ports of accounting: today's, and the one before RFC 2866. */
export const radiusAccountingPorts: readonly number[] = [1813, 1646];

/** Acct-Status-Type (RFC 2866 5.1); `other` are those of the whole device and of tunnels. */
type AccountingStatus = 'start' | 'stop' | 'interim' | 'other';

export interface RadiusAccounting extends Subscriber {
  readonly status: AccountingStatus;
  /** Acct-Session-Id; distinct for the device that reports. */
  readonly sessionId: string;
  /** The device that reports: NAS address in text, else its identifier; '' if it gives neither. */
  readonly nas: string;
  /** Seconds since what is reported happened. */
  readonly delayS: number;
  /** Seconds for which the session has stood, at a stop or interim update; NaN if not said. */
  readonly sessionS: number;
  /** Nodes of the mobile network: SGSN or its like, GGSN or its like. */
  readonly accessNode: Uint8Array | undefined;
  readonly networkNode: Uint8Array | undefined;
}

const HEADER_BYTES = 20;
const ACCOUNTING_REQUEST = 4;

const statuses: Readonly<Record<number, AccountingStatus>> = { 1: 'start', 2: 'stop', 3: 'interim' };

const Attribute = {
  USER_NAME: 1,
  NAS_IP_ADDRESS: 4,
  FRAMED_IP_ADDRESS: 8,
  VENDOR_SPECIFIC: 26,
  CALLED_STATION_ID: 30,
  CALLING_STATION_ID: 31,
  NAS_IDENTIFIER: 32,
  ACCT_STATUS_TYPE: 40,
  ACCT_DELAY_TIME: 41,
  ACCT_SESSION_ID: 44,
  ACCT_SESSION_TIME: 46,
  NAS_IPV6_ADDRESS: 95,
  FRAMED_IPV6_PREFIX: 97,
  FRAMED_IPV6_ADDRESS: 168,
} as const;

const VENDOR_3GPP = 10415;
/** 3GPP's attributes stand here beside the others, their types moved out of the way. */
const OF_3GPP = 256;

const Attribute3gpp = {
  IMSI: OF_3GPP + 1,
  SGSN_ADDRESS: OF_3GPP + 6,
  GGSN_ADDRESS: OF_3GPP + 7,
  SGSN_IPV6_ADDRESS: OF_3GPP + 15,
  GGSN_IPV6_ADDRESS: OF_3GPP + 16,
  SGSN_MCC_MNC: OF_3GPP + 18,
  IMEISV: OF_3GPP + 20,
  RAT_TYPE: OF_3GPP + 21,
  USER_LOCATION: OF_3GPP + 22,
} as const;

/** Adds the attributes in [at, end) to `found`, of which the first of a kind counts; false if one does not fit. */
const readAttributes = (
  bytes: Uint8Array,
  at: number,
  end: number,
  base: number,
  found: Map<number, Uint8Array>,
): boolean => {
  while (at < end) {
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > end) return false;
    const type = base + bytes[at]!;
    const value = bytes.subarray(at + 2, at + length);
    if (type !== Attribute.VENDOR_SPECIFIC) {
      if (!found.has(type)) found.set(type, value);
    } else if (value.length >= 4 && wordOf(value) === VENDOR_3GPP) {
      if (!readAttributes(bytes, at + 6, at + length, OF_3GPP, found)) return false;
    }
    at += length;
  }
  return true;
};

const wordOf = (value: Uint8Array): number =>
  ((value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!) >>> 0;

/** Digits in text, with or without the plus of international numbers. */
const digitsIn = (text: string, atLeast: number, atMost: number): string => {
  const digits = text.startsWith('+') ? text.slice(1) : text;
  return /^\d+$/.test(digits) && digits.length >= atLeast && digits.length <= atMost ? digits : '';
};

/** `23201` as `232-01`. */
const plmnOf = (digits: string): string => (digits === '' ? '' : `${digits.slice(0, 3)}-${digits.slice(3)}`);

/** Does a datagram that begins so mean to be an Accounting-Request? Answers and other codes say nothing of a session. */
export const mayBeAccountingRequest = (bytes: Uint8Array, start: number, end: number): boolean =>
  start < end && bytes[start] === ACCOUNTING_REQUEST;

/**
 * Reads an Accounting-Request.
 *
 * A Calling-Station-Id is a telephone number only if it consists of digits: in a WLAN it is the address of the device.
 *
 * @returns undefined for anything else, or a broken one
 */
export const decodeRadiusAccounting = (bytes: Uint8Array, start: number, end: number): RadiusAccounting | undefined => {
  if (end - start < HEADER_BYTES || bytes[start] !== ACCOUNTING_REQUEST) return undefined;
  const packetEnd = start + ((bytes[start + 2]! << 8) | bytes[start + 3]!);
  if (packetEnd < start + HEADER_BYTES || packetEnd > end) return undefined;
  const found = new Map<number, Uint8Array>();
  if (!readAttributes(bytes, start + HEADER_BYTES, packetEnd, 0, found)) return undefined;

  const text = (type: number): string => {
    const value = found.get(type);
    return value === undefined ? '' : Buffer.from(value).toString('utf8').replace(/\0+$/, '').trim();
  };
  const number = (type: number): number | undefined => {
    const value = found.get(type);
    return value?.length === 4 ? wordOf(value) : undefined;
  };
  /** The first that is an address of that many bytes and not the unspecified one. */
  const address = (length: 4 | 16, ...types: readonly number[]): Uint8Array | undefined => {
    const value = types.map((type) => found.get(type)).find((value) => value?.length === length);
    return value?.some((byte) => byte !== 0) ? value.slice() : undefined;
  };

  const nasAddress = address(4, Attribute.NAS_IP_ADDRESS) ?? address(16, Attribute.NAS_IPV6_ADDRESS);
  const location = found.get(Attribute3gpp.USER_LOCATION);
  const place = location === undefined ? nowhere : typedPlace(location, 0, location.length);
  const servingNetwork = plmnOf(digitsIn(text(Attribute3gpp.SGSN_MCC_MNC), 5, 6));
  return {
    status: statuses[number(Attribute.ACCT_STATUS_TYPE) ?? 0] ?? 'other',
    sessionId: text(Attribute.ACCT_SESSION_ID),
    nas: nasAddress === undefined ? text(Attribute.NAS_IDENTIFIER) : formatAddress(nasAddress),
    delayS: number(Attribute.ACCT_DELAY_TIME) ?? 0,
    sessionS: number(Attribute.ACCT_SESSION_TIME) ?? Number.NaN,
    imsi: digitsIn(text(Attribute3gpp.IMSI), 6, 15),
    msisdn: digitsIn(text(Attribute.CALLING_STATION_ID), 6, 15),
    imei: digitsIn(text(Attribute3gpp.IMEISV), 8, 16),
    userName: text(Attribute.USER_NAME),
    apn: accessPointOf(text(Attribute.CALLED_STATION_ID)),
    rat: ratName(found.get(Attribute3gpp.RAT_TYPE)?.[0] ?? 0),
    cell: place.cell,
    plmn: servingNetwork === '' ? place.plmn : servingNetwork,
    ipv4: isAsked(found.get(Attribute.FRAMED_IP_ADDRESS)) ? undefined : address(4, Attribute.FRAMED_IP_ADDRESS),
    ipv6: framedPrefix(found.get(Attribute.FRAMED_IPV6_PREFIX)) ?? address(16, Attribute.FRAMED_IPV6_ADDRESS),
    accessNode: address(4, Attribute3gpp.SGSN_ADDRESS) ?? address(16, Attribute3gpp.SGSN_IPV6_ADDRESS),
    networkNode: address(4, Attribute3gpp.GGSN_ADDRESS) ?? address(16, Attribute3gpp.GGSN_IPV6_ADDRESS),
  };
};

/** The first address of a prefix of 64 bits or more (RFC 3162 2.3): a byte of nothing, the length, as many bytes as needed. */
const framedPrefix = (value: Uint8Array | undefined): Uint8Array | undefined => {
  if (value === undefined || value.length < 10 || value.length > 18 || value[1]! < 64) return undefined;
  const address = new Uint8Array(16);
  address.set(value.subarray(2));
  return address.some((byte) => byte !== 0) ? address : undefined;
};

/** 255.255.255.255 and .254 leave the choice of the address to the user or the device (RFC 2865 5.8). */
const isAsked = (value: Uint8Array | undefined): boolean => value?.length === 4 && wordOf(value) >= 0xfffffffe;
