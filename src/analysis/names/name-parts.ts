/** A host name cut into what people put names together of: words, counters, codes, random marks, and what stands between. */
import { getDomain } from 'tldts';

/**
 * - `fixed`: separators, encoded words (`xn--`), and what is never looked into.
 * - `letters`, `digits`: a run of them. `mark`: letters and digits mixed as by chance, or a long hexadecimal number.
 * - `region`: a place as clouds name it, `eu-west-2`. `uuid`: RFC 9562.
 */
export type PartKind = 'fixed' | 'letters' | 'digits' | 'mark' | 'region' | 'uuid';

interface NamePart {
  readonly kind: PartKind;
  readonly text: string;
}

/** A longer name is one that a machine made for its own ends: it is kept as it is. */
const MOST_PARTS = 48;

const pieces = new RegExp(
  [
    '(?<word>(?<![^.])xn--[^.]*)',
    '(?<uuid>(?<![a-z0-9])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![a-z0-9]))',
    '(?<region>(?<![a-z0-9])(?:[a-z]{2}|asia|europe|africa|[a-z]+america)(?:-(?:gov|iso|isob))?-(?:north|south|east|west|central)(?:east|west)?-?[0-9]{1,2}(?![a-z0-9]))',
    '(?<piece>[a-z0-9]+)',
    '(?<other>[^a-z0-9]+)',
  ].join('|'),
  'gy',
);

const runs = /[a-z]+|[0-9]+/g;

/**
 * Is it a mark rather than a word with a number? Random letters and digits change places often; a word with a counter does
 * so once, a year inside a word twice.
 */
const isMark = (piece: string): boolean => {
  const changes = piece.match(runs)!.length - 1;
  if (piece.length < 6 || changes === 0) return false;
  return changes >= 3 || (piece.length >= 8 && changes >= 2 && /^[0-9a-f]+$/.test(piece)) || piece.length >= 20;
};

const partsOf = (text: string): readonly NamePart[] => {
  const parts: NamePart[] = [];
  for (const { 0: found, groups } of text.matchAll(pieces)) {
    const { uuid, region, piece } = groups!;
    if (uuid !== undefined) parts.push({ kind: 'uuid', text: found });
    else if (region !== undefined) parts.push({ kind: 'region', text: found });
    else if (piece === undefined) parts.push({ kind: 'fixed', text: found });
    else if (isMark(piece)) parts.push({ kind: 'mark', text: found });
    else for (const [run] of piece.matchAll(runs)) parts.push({ kind: run < ':' ? 'digits' : 'letters', text: run });
    if (parts.length > MOST_PARTS) return [{ kind: 'fixed', text }];
  }
  return parts;
};

export interface CutName {
  readonly name: string;
  /** By the public suffix list; the name itself where it has none. */
  readonly domain: string;
  /** In the order of the name; the registrable domain, and the dot before it, is one fixed part. */
  readonly parts: readonly NamePart[];
}

/**
 * Cuts a name; its parts put together are the name again. Names are in lower case.
 *
 * @example
 * cutName('mmi437.chatter.example').parts // mmi (letters), 437 (digits), .chatter.example (fixed)
 */
export const cutName = (name: string): CutName => {
  const domain = getDomain(name, { extractHostname: false }) ?? name;
  const isBelow = name.length > domain.length && name.endsWith(`.${domain}`);
  if (!isBelow) return { name, domain, parts: [{ kind: 'fixed', text: name }] };
  const end = name.length - domain.length - 1;
  return { name, domain, parts: [...partsOf(name.slice(0, end)), { kind: 'fixed', text: name.slice(end) }] };
};
