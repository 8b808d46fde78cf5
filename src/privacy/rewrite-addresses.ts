/** Finds the addresses that a text mentions and puts others in their place. */
import { formatAddress, parseAddress } from '../packet/address.ts';
import type { Prefix } from '../packet/prefix.ts';
import { formatReverseName, parseReverseName } from './reverse-name.ts';

/**
 * Says what stands in for a block: bytes of the same family, of which those within the block's length are used, or
 * undefined to let it stand. A block is one address, but for reverse names that are cut to a zone.
 */
export type Replace = (block: Prefix) => Uint8Array | undefined;

/** A name has 255 characters at most; the bound keeps the search linear. */
const reverseNames = /([\w.-]{1,255}\.(?:in-addr\.arpa|ip6\.arpa|ip6\.int))/i;

/** Numbers of up to three digits with dots or dashes between: `10.0.0.1`, `ip-10-0-0-1`, and longer runs that hold an address. */
const ipv4Run = /(?<!\d)\d{1,3}(?:[.-]\d{1,3}){3,}(?!\d)/;

/** Groups with colons, not within a longer word, but for a word that cannot be a group: `ip6:fd00::1`. */
const ipv6 =
  /(?<=^|[^0-9a-z:.]|[g-z][0-9a-z]*:)(?:[0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}(?:(?:\.\d{1,3}){3})?(?![0-9a-z]|:[0-9a-f:])/;

const ipv4Runs = new RegExp(ipv4Run, 'g');
const literals = new RegExp(`${ipv6.source}|${ipv4Run.source}`, 'gi');

/** What every address in a text has: a colon, digits on both sides of a dot or dash, or the end of a reverse name. */
const hint = /:|\d[.-]\d|\.(?:arpa|int)/i;

const rewriteRun = (run: string, replace: Replace): string => {
  const parts = run.split(/([.-])/);
  for (let i = 0; i + 6 < parts.length; i += 2) {
    const octets = [0, 2, 4, 6].map((step) => Number(parts[i + step]));
    if (octets.some((octet) => octet > 255)) continue;
    const replacement = replace({ bytes: Uint8Array.from(octets), length: 32 });
    if (replacement === undefined) continue;
    for (let j = 0; j < 4; j++) parts[i + 2 * j] = String(replacement[j]);
    i += 6;
  }
  return parts.join('');
};

const rewriteLiteral = (literal: string, replace: Replace): string => {
  const bytes = literal.includes(':') ? parseAddress(literal) : undefined;
  const replacement = bytes && replace({ bytes, length: 128 });
  if (replacement !== undefined) return formatAddress(replacement);
  return literal.replace(ipv4Runs, (run) => rewriteRun(run, replace));
};

const rewriteLiterals = (text: string, replace: Replace): string =>
  text.replace(literals, (literal) => rewriteLiteral(literal, replace));

const rewriteReverseName = (text: string, replace: Replace): string => {
  const name = parseReverseName(text);
  if (name === undefined) return rewriteLiterals(text, replace);
  const bytes = replace(name.prefix);
  if (bytes === undefined) return text;
  // Digits in front may be the rest of an address (RFC 2317: `5.0-25.2.0.192.in-addr.arpa`).
  const before = /\d/.test(name.before) ? '' : name.before;
  return formatReverseName({ ...name, before, prefix: { bytes, length: name.prefix.length } });
};

/**
 * Rewrites literal addresses anywhere in a text and names of the reverse tree, whole or cut to a zone.
 *
 * @example
 * rewriteAddresses('1 . ipv4hint=10.0.0.1', replace) // '1 . ipv4hint=133.68.164.234'
 * rewriteAddresses('0.0.10.in-addr.arpa', replace) // '164.68.133.in-addr.arpa'
 */
export const rewriteAddresses = (text: string, replace: Replace): string => {
  // Most names are settled by this.
  if (!hint.test(text)) return text;
  return text
    .split(reverseNames)
    .map((part, i) => (i % 2 === 1 ? rewriteReverseName(part, replace) : rewriteLiterals(part, replace)))
    .join('');
};
