/** SVCB and HTTPS records: how to reach a service (RFC 9460). */
import { formatIpv6 } from './address.ts';
import { readName, skipName } from './dns-name.ts';
import { escapeBytes } from './escape-bytes.ts';

/** A parameter: its number and where its value lies in the message. */
interface SvcParam {
  readonly key: number;
  readonly start: number;
  readonly end: number;
}

export interface Svcb {
  /** 0 makes the record an alias of `target`. */
  readonly priority: number;
  /** `.` stands for the owner of the record. */
  readonly target: string;
  readonly params: readonly SvcParam[];
}

const ALPN = 1;
const PORT = 3;
const IPV4_HINT = 4;
const ECH = 5;
const IPV6_HINT = 6;

const keyNames: readonly string[] = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

const keyName = (key: number): string => keyNames[key] ?? `key${key}`;

/**
 * The record data in [at, end) of a message that begins at `start`.
 *
 * @returns undefined if it is malformed
 */
export const decodeSvcb = (bytes: Uint8Array, start: number, at: number, end: number): Svcb | undefined => {
  if (end - at < 3) return undefined;
  const target = readName(bytes, start, at + 2, end);
  let next = skipName(bytes, at + 2, end);
  if (target === undefined || next < 0) return undefined;
  const params: SvcParam[] = [];
  while (next < end) {
    if (next + 4 > end) return undefined;
    const key = (bytes[next]! << 8) | bytes[next + 1]!;
    const valueStart = next + 4;
    next = valueStart + ((bytes[next + 2]! << 8) | bytes[next + 3]!);
    if (next > end) return undefined;
    params.push({ key, start: valueStart, end: next });
  }
  return { priority: (bytes[at]! << 8) | bytes[at + 1]!, target, params };
};

/** Does the record carry an Encrypted Client Hello configuration? */
export const hasEch = (svcb: Svcb): boolean => svcb.params.some(({ key }) => key === ECH);

/** A value in which spaces, commas and backslashes only separate. */
const escapeValue = (bytes: Uint8Array, start: number, end: number): string =>
  escapeBytes(bytes, start, end, { special: ',\\' });

/** Values of a fixed size, comma separated; undefined if they do not fill the parameter. */
const formatEach = ({ start, end }: SvcParam, size: number, format: (at: number) => string): string | undefined => {
  if (end === start || (end - start) % size !== 0) return undefined;
  const texts: string[] = [];
  for (let at = start; at < end; at += size) texts.push(format(at));
  return texts.join(',');
};

const formatAlpn = (bytes: Uint8Array, { start, end }: SvcParam): string | undefined => {
  const protocols: string[] = [];
  for (let at = start; at < end; ) {
    const next = at + 1 + bytes[at]!;
    if (next > end) return undefined;
    protocols.push(escapeValue(bytes, at + 1, next));
    at = next;
  }
  return protocols.join(',');
};

const formatValue = (bytes: Uint8Array, param: SvcParam): string | undefined => {
  const word = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  switch (param.key) {
    case 0:
      return formatEach(param, 2, (at) => keyName(word(at)));
    case ALPN:
      return formatAlpn(bytes, param);
    case PORT:
      return param.end - param.start === 2 ? String(word(param.start)) : undefined;
    case IPV4_HINT:
      return formatEach(param, 4, (at) => bytes.subarray(at, at + 4).join('.'));
    case IPV6_HINT:
      return formatEach(param, 16, (at) => formatIpv6(bytes, at));
    case ECH:
      return Buffer.from(bytes.subarray(param.start, param.end)).toString('base64');
    default:
      return escapeValue(bytes, param.start, param.end);
  }
};

/**
 * Presentation text (RFC 9460 2.1): priority, target, parameters in the order of the message.
 *
 * @returns undefined if a known parameter is malformed
 * @example '1 . alpn=h2,h3 ipv4hint=104.16.132.229,104.16.133.229'
 */
export const formatSvcb = (bytes: Uint8Array, { priority, target, params }: Svcb): string | undefined => {
  let text = `${priority} ${target}`;
  for (const param of params) {
    const name = keyName(param.key);
    if (param.start === param.end) text += ` ${name}`;
    else {
      const value = formatValue(bytes, param);
      if (value === undefined) return undefined;
      text += ` ${name}=${value}`;
    }
  }
  return text;
};
