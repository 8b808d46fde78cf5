/** The data of DNS records as text, in the words of Zeek's dns.log where it has any. */
import { formatIpv4, formatIpv6, wordAt } from './address.ts';
import { readName, skipName } from './dns-name.ts';
import { decodeSvcb, formatSvcb } from './dns-svcb.ts';
import { escapeBytes } from './escape-bytes.ts';

export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  RRSIG: 46,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
} as const;

/** Bytes of an unknown record that are shown; its text tells the whole length. */
const MAX_HEX_BYTES = 64;

/** The name at `at`, which must end by `end`, the end of the record. */
const nameWithin = (bytes: Uint8Array, start: number, at: number, end: number): string | undefined => {
  const next = skipName(bytes, at, end);
  return next > 0 ? readName(bytes, start, at, end) : undefined;
};

/** `TXT 5 hello TXT 5 world`: each character string with its length in bytes. */
const formatStrings = (label: string, bytes: Uint8Array, at: number, end: number): string | undefined => {
  const strings: string[] = [];
  while (at < end) {
    const next = at + 1 + bytes[at]!;
    if (next > end) return undefined;
    strings.push(`${label} ${bytes[at]} ${escapeBytes(bytes, at + 1, next, { keepSpaces: true })}`);
    at = next;
  }
  return strings.join(' ');
};

const formatKnown = (type: number, bytes: Uint8Array, start: number, at: number, end: number): string | undefined => {
  switch (type) {
    case Type.A:
      if (end - at !== 4) return undefined;
      return formatIpv4(wordAt(bytes, at));
    case Type.AAAA:
      return end - at === 16 ? formatIpv6(bytes, at) : undefined;
    case Type.NS:
    case Type.CNAME:
    case Type.SOA:
    case Type.PTR:
    case Type.DNAME:
      return nameWithin(bytes, start, at, end);
    case Type.MX:
      return nameWithin(bytes, start, at + 2, end);
    case Type.SRV:
      return nameWithin(bytes, start, at + 6, end);
    case Type.TXT:
      return formatStrings('TXT', bytes, at, end);
    case Type.SPF:
      return formatStrings('SPF', bytes, at, end);
    case Type.RRSIG: {
      const signer = nameWithin(bytes, start, at + 18, end);
      return signer && `RRSIG ${(bytes[at]! << 8) | bytes[at + 1]!} ${signer}`;
    }
    case Type.SVCB:
    case Type.HTTPS: {
      const svcb = decodeSvcb(bytes, start, at, end);
      return svcb && formatSvcb(bytes, svcb);
    }
    default:
      return undefined;
  }
};

/**
 * The text of the record data in [at, end) of the message that begins at `start`.
 *
 * An address is canonical; NS, PTR, MX, SRV, DNAME and SOA give the host name they point to; TXT and SPF
 * `TXT <bytes> <string>` a string; RRSIG `RRSIG <type covered> <signer>`; SVCB and HTTPS the presentation form of RFC
 * 9460. Any other type, and what is malformed, is told as RFC 3597 does: `TYPE43 \# <bytes> <hex>`, of which the hex
 * stops after 64 bytes.
 */
export const formatAnswer = (type: number, bytes: Uint8Array, start: number, at: number, end: number): string => {
  const known = formatKnown(type, bytes, start, at, end);
  if (known !== undefined) return known;
  const hex = Buffer.from(bytes.subarray(at, Math.min(end, at + MAX_HEX_BYTES))).toString('hex');
  return `TYPE${type} \\# ${end - at} ${hex}`.trimEnd();
};
