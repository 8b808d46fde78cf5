/** What GTP and RADIUS write alike: telephone digits, network codes, access points, places (TS 24.008 10.5, TS 29.060 7.7, TS 29.061 16.4.7, TS 29.274 8). */
import { hostText } from './host-text.ts';

const FILLER = 0xf;
/** No number of digits is longer (E.164 allows 15). */
const MAX_DIGITS = 32;
const DIGIT_0 = 0x30;

const scratch = Buffer.alloc(MAX_DIGITS);

/**
 * Digits of which each byte holds two, the lower half first, up to the filler (TBCD, TS 29.002 17.7.8).
 *
 * @returns '' if a half byte is no digit, or there are more than 32
 */
export const bcdDigits = (bytes: Uint8Array, start: number, end: number): string => {
  if (2 * (end - start) > MAX_DIGITS) return '';
  let length = 0;
  for (let i = 2 * start; i < 2 * end; i++) {
    const half = i % 2 === 0 ? bytes[i >> 1]! & 0xf : bytes[i >> 1]! >> 4;
    if (half === FILLER) break;
    if (half > 9) return '';
    scratch[length++] = DIGIT_0 + half;
  }
  // At once, for a text put together piece by piece keeps its pieces.
  return scratch.toString('latin1', 0, length);
};

/**
 * The network whose three bytes stand at `at`, as `MCC-MNC`: `232-01`. The MNC has two digits or three (TS 24.008 10.5.1.3).
 *
 * @returns '' if a half byte is no digit
 */
export const plmnText = (bytes: Uint8Array, at: number): string => {
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  const third = bytes[at + 2]!;
  const digits = [first & 0xf, first >> 4, second & 0xf, third & 0xf, third >> 4];
  const lastOfMnc = second >> 4;
  if (lastOfMnc !== FILLER) digits.push(lastOfMnc);
  if (digits.some((digit) => digit > 9)) return '';
  return `${digits.slice(0, 3).join('')}-${digits.slice(3).join('')}`;
};

/** `.mnc001.mcc232.gprs` of the home network, which says nothing of the access point. */
const operatorIdentifier = /\.mnc\d{2,3}\.mcc\d{3}\.gprs$/;

/** An access point name without the operator's part (TS 23.003 9.1), in lower case. */
export const accessPointOf = (name: string): string => name.toLowerCase().replace(operatorIdentifier, '');

/** TS 23.003 9.1. */
const MAX_ACCESS_POINT_BYTES = 100;

/** The access point name in [start, end), '' if it is too long to be one: labels behind their lengths, as in DNS; some nodes write plain text. */
export const accessPointText = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start > MAX_ACCESS_POINT_BYTES) return '';
  const labels: string[] = [];
  for (let at = start; at < end; ) {
    const next = at + 1 + bytes[at]!;
    if (next > end) return accessPointOf(hostText(bytes, start, end));
    if (bytes[at] !== 0) labels.push(hostText(bytes, at + 1, next));
    at = next;
  }
  return accessPointOf(labels.join('.'));
};

/** Radio access technologies; GTP and RADIUS number them alike (TS 29.274 8.17, TS 29.061 16.4.7.2). */
const ratNames: Readonly<Record<number, string>> = {
  1: 'UTRAN',
  2: 'GERAN',
  3: 'WLAN',
  4: 'GAN',
  5: 'HSPA Evolution',
  6: 'EUTRAN',
  7: 'Virtual',
  8: 'EUTRAN-NB-IoT',
  9: 'LTE-M',
  10: 'NR',
  51: 'NR',
};

/** The name of a radio access technology, `RAT` and the number where there is none, '' for the reserved 0. */
export const ratName = (code: number): string => (code === 0 ? '' : (ratNames[code] ?? `RAT ${code}`));

/** Where a subscriber is: the cell in words, and the network that it belongs to. '' is "not said". */
export interface Place {
  readonly cell: string;
  readonly plmn: string;
}

export const nowhere: Place = { cell: '', plmn: '' };

/** A kind of place: a network, and behind it parts of so many bytes, of which the first byte may have spare bits in front. */
interface PlaceKind {
  readonly name: string;
  readonly parts: readonly number[];
  /** Bits of the first byte of the last part that belong to it. */
  readonly mask?: number;
}

const placeKind = {
  cgi: { name: 'cgi', parts: [2, 2] },
  sai: { name: 'sai', parts: [2, 2] },
  rai: { name: 'rai', parts: [2, 1] },
  tai: { name: 'tai', parts: [2] },
  ecgi: { name: 'ecgi', parts: [4], mask: 0x0f },
  ncgi: { name: 'ncgi', parts: [5], mask: 0x0f },
  tai5: { name: 'tai', parts: [3] },
} as const satisfies Readonly<Record<string, PlaceKind>>;

/** Reads a place at `at`: `cgi 232-01-1234-5678`, numbers in decimal. */
const readPlace = (bytes: Uint8Array, at: number, end: number, { name, parts, mask = 0xff }: PlaceKind): Place => {
  const plmn = at + 3 <= end ? plmnText(bytes, at) : '';
  if (plmn === '') return nowhere;
  let from = at + 3;
  let cell = `${name} ${plmn}`;
  for (const [i, length] of parts.entries()) {
    if (from + length > end) return nowhere;
    // More than 32 bits: no shifts.
    let value = i === parts.length - 1 ? bytes[from]! & mask : bytes[from]!;
    for (let j = 1; j < length; j++) value = value * 256 + bytes[from + j]!;
    cell += `-${value}`;
    from += length;
  }
  return { cell, plmn };
};

/** By type: the kind of place, and where it stands behind the type. Of an area and a cell the cell is read. */
const typedPlaces: Readonly<Record<number, readonly [PlaceKind, number]>> = {
  0: [placeKind.cgi, 0],
  1: [placeKind.sai, 0],
  2: [placeKind.rai, 0],
  128: [placeKind.tai, 0],
  129: [placeKind.ecgi, 0],
  130: [placeKind.ecgi, 5],
  135: [placeKind.ncgi, 0],
  136: [placeKind.tai5, 0],
  137: [placeKind.ncgi, 6],
};

/** User Location Information that begins with its type: GTPv1 (TS 29.060 7.7.51), RADIUS (TS 29.061 16.4.7.2, 3GPP-User-Location-Info). */
export const typedPlace = (bytes: Uint8Array, start: number, end: number): Place => {
  const found = start < end ? typedPlaces[bytes[start]!] : undefined;
  return found === undefined ? nowhere : readPlace(bytes, start + 1 + found[1], end, found[0]);
};

/** The routing area at `at` (TS 29.060 7.7.3). */
export const routingArea = (bytes: Uint8Array, at: number, end: number): Place =>
  readPlace(bytes, at, end, placeKind.rai);

/** In the order in which they stand, by the bits of the flags from the lowest; a higher rank tells more exactly where. */
const flaggedPlaces: readonly { readonly kind?: PlaceKind; readonly bytes: number; readonly rank: number }[] = [
  { kind: placeKind.cgi, bytes: 7, rank: 4 },
  { kind: placeKind.sai, bytes: 7, rank: 3 },
  { kind: placeKind.rai, bytes: 7, rank: 1 },
  { kind: placeKind.tai, bytes: 5, rank: 2 },
  { kind: placeKind.ecgi, bytes: 7, rank: 5 },
  { bytes: 5, rank: 0 },
  { bytes: 6, rank: 0 },
  { bytes: 6, rank: 0 },
];

/** User Location Information of GTPv2 (TS 29.274 8.21): flags, and a place for each; the most exact is read. */
export const flaggedPlace = (bytes: Uint8Array, start: number, end: number): Place => {
  if (start >= end) return nowhere;
  let best = nowhere;
  let bestRank = 0;
  let at = start + 1;
  for (const [bit, { kind, bytes: length, rank }] of flaggedPlaces.entries()) {
    if ((bytes[start]! & (1 << bit)) === 0) continue;
    if (kind !== undefined && rank > bestRank) {
      const place = readPlace(bytes, at, end, kind);
      if (place !== nowhere) {
        best = place;
        bestRank = rank;
      }
    }
    at += length;
  }
  return best;
};
