/** One line of a session file: what its cells say, or why they cannot be used. */
import { parseTime } from '../kit/parse-time.ts';
import { parseAddress } from '../packet/address.ts';
import { accessPointOf, ratName } from '../packet/mobile-elements.ts';
import type { FedSession } from '../packet/session-feed.ts';

/** The columns that a file may have, in any order. */
export const sessionColumns = [
  'from',
  'until',
  'address',
  'imsi',
  'msisdn',
  'imei',
  'tac',
  'user',
  'apn',
  'rat',
  'cell',
  'plmn',
] as const;

export type SessionColumn = (typeof sessionColumns)[number];

/** Digits alone, without the plus or the zeros of an international number. */
const digitsOf = (text: string): string => text.replace(/^\+|^00/, '').replace(/[ -]/g, '');

const isDigits = (text: string, least: number, most: number): boolean =>
  /^\d*$/.test(text) && text.length >= least && text.length <= most;

/** The addresses of a cell: IPv4, or IPv6 with or without `/64`, or both with a space between. */
const parseAddresses = (text: string): Pick<FedSession, 'ipv4' | 'ipv6'> | undefined => {
  let ipv4: Uint8Array | undefined;
  let ipv6: Uint8Array | undefined;
  for (const part of text.split(' ')) {
    const address = parseAddress(part.replace(/\/(64|128|32)$/, ''));
    if (address === undefined) return undefined;
    if (address.length === 4) ipv4 = address;
    else ipv6 = address;
  }
  return { ipv4, ipv6 };
};

/** `23201` and `232-01` as `232-01`. */
const plmnOf = (text: string): string => text.replace(/^(\d{3})-?(\d{2,3})$/, '$1-$2');

/**
 * Reads the cells of a line.
 *
 * @param cell the text of a column, '' where the file has none
 * @returns the session, or what is wrong with the line
 */
export const parseSessionLine = (cell: (column: SessionColumn) => string): FedSession | string => {
  const from = parseTime(cell('from'));
  if (from === undefined) return `from '${cell('from')}' is no time`;
  const untilText = cell('until');
  const until = untilText === '' ? Number.POSITIVE_INFINITY : parseTime(untilText);
  if (until === undefined) return `until '${untilText}' is no time`;
  if (until <= from) return 'it ends before it begins';
  const addresses = parseAddresses(cell('address'));
  if (addresses === undefined) return `'${cell('address')}' is no address`;
  const imsi = cell('imsi');
  if (imsi !== '' && !isDigits(imsi, 6, 15)) return 'the IMSI is not 6 to 15 digits';
  const msisdn = digitsOf(cell('msisdn'));
  if (msisdn !== '' && !isDigits(msisdn, 3, 15)) return 'the MSISDN is not 3 to 15 digits';
  const imei = cell('imei') === '' ? cell('tac') : cell('imei');
  if (imei !== '' && !isDigits(imei, 8, 16)) return 'the IMEI is not 14 to 16 digits, nor the TAC 8';
  if (imsi === '' && msisdn === '' && cell('user') === '') return 'it names no subscriber';
  const rat = cell('rat');
  return {
    from,
    until,
    imsi,
    msisdn,
    imei,
    userName: cell('user'),
    apn: accessPointOf(cell('apn')),
    rat: /^\d{1,3}$/.test(rat) ? ratName(Number(rat)) : rat,
    cell: cell('cell'),
    plmn: plmnOf(cell('plmn')),
    ...addresses,
  };
};
