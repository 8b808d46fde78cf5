/** A user's dated database: which AS an address block belonged to, and from when until when. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { parseCsvLine } from '../kit/csv-line.ts';
import { SondeError } from '../kit/errors.ts';
import { parseIsoDate } from '../kit/iso-date.ts';
import { formatPrefix, type Prefix, parsePrefix, toPrefix } from '../packet/prefix.ts';
import { isPfx2as, parsePfx2asLine } from './pfx2as.ts';
import { readDatabaseFile } from './read-database-file.ts';

interface OverlayEntry {
  readonly asn: number;
  /** '' if the file does not tell. */
  readonly org: string;
  readonly prefix: string;
  /** '' leaves the word to the country table. */
  readonly country: string;
  /** UTC microseconds; -Infinity if open. */
  readonly from: number;
  /** UTC microseconds, itself excluded; Infinity if open. */
  readonly until: number;
}

export interface Overlay {
  /** File name and a hash of the content, for people. */
  readonly edition: string;
  /** The entries whose block holds the address: longest block first, of equal ones the latest `from`, then the latest line. */
  covering(address: Uint8Array): readonly OverlayEntry[];
  /** The IPv4 blocks of each autonomous system at a time, UTC microseconds; they may lie within each other. */
  ipv4BlocksAt(at: number): ReadonlyMap<number, readonly Prefix[]>;
}

const header = ['prefix', 'asn', 'org', 'from', 'until', 'country'];

const parseBoundary = (text: string | undefined, open: number): number | undefined =>
  text === '' ? open : parseIsoDate(text ?? '');

/** What is wrong with a line, in words, or its entry. */
const parseEntry = (fields: readonly string[] | undefined, width: number): string | [Prefix, OverlayEntry] => {
  if (fields === undefined) return 'its quotes do not match';
  if (fields.length !== width) return `it has ${fields.length} fields, not ${width}`;
  const [prefixText, asnText, org = '', fromText, untilText, country = ''] = fields.map((field) => field.trim());
  const prefix = parsePrefix(prefixText!);
  if (prefix === undefined) return `'${prefixText}' is no address block`;
  const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(asnText!)?.[1]);
  if (!(asn > 0 && asn < 2 ** 32)) return `'${asnText}' is no AS number`;
  const from = parseBoundary(fromText, Number.NEGATIVE_INFINITY);
  if (from === undefined) return `'${fromText}' is no ISO date`;
  const until = parseBoundary(untilText, Number.POSITIVE_INFINITY);
  if (until === undefined) return `'${untilText}' is no ISO date`;
  if (from >= until) return 'it ends before it begins';
  if (!/^([A-Z]{2})?$/.test(country)) return `'${country}' is no country of two capital letters`;
  return [prefix, { asn, org, prefix: formatPrefix(prefix), country, from, until }];
};

/** Prefixes of one family by length, the longest first; the key is the bytes of the prefix, one character each. */
type ByLength = readonly (readonly [length: number, entries: ReadonlyMap<string, readonly OverlayEntry[]>])[];

const keyOf = ({ bytes }: Prefix): string => String.fromCharCode(...bytes);

const groupByLength = (rows: readonly (readonly [Prefix, OverlayEntry])[]): ByLength => {
  const lengths = new Map<number, Map<string, OverlayEntry[]>>();
  // Reversed, so that of equal lines the later one stands first and the stable sort keeps it there.
  for (const [prefix, entry] of [...rows].reverse()) {
    const entries = lengths.get(prefix.length) ?? new Map<string, OverlayEntry[]>();
    lengths.set(prefix.length, entries);
    const key = keyOf(prefix);
    const same = entries.get(key);
    if (same === undefined) entries.set(key, [entry]);
    else same.push(entry);
  }
  for (const entries of lengths.values()) {
    for (const same of entries.values()) same.sort((a, b) => (a.from === b.from ? 0 : b.from - a.from));
  }
  return [...lengths].sort(([a], [b]) => b - a);
};

/** A routing table tells of one moment, and no names. */
const parseRoute = (line: string): string | [Prefix, OverlayEntry] => {
  const route = parsePfx2asLine(line);
  if (typeof route === 'string') return route;
  const [prefix, asn] = route;
  const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  return [prefix, { asn, org: '', prefix: formatPrefix(prefix), country: '', ...always }];
};

const parseRows = (text: string, file: string): [Prefix, OverlayEntry][] => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const invalid = (line: number, why: string): SondeError =>
    new SondeError(
      'SONDE_DATABASE_INVALID',
      `the line cannot be used: ${why}`,
      { file, line },
      'the columns are prefix,asn,org,from,until and, if wanted, country; dates are ISO 8601 in UTC or empty; or it is a pfx2as file',
    );
  const isRoutes = isPfx2as(text);
  const names = isRoutes ? [] : (parseCsvLine(lines[0]!)?.map((name) => name.trim()) ?? []);
  if (!isRoutes && (names.length < 5 || names.length > 6 || names.some((name, i) => name !== header[i]))) {
    throw invalid(1, 'it is not the expected header');
  }
  const rows: [Prefix, OverlayEntry][] = [];
  for (let i = isRoutes ? 0 : 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (line === '') continue;
    const row = isRoutes ? parseRoute(line) : parseEntry(parseCsvLine(line), names.length);
    if (typeof row === 'string') throw invalid(i + 1, row);
    rows.push(row);
  }
  return rows;
};

/**
 * Reads a CSV with the header `prefix,asn,org,from,until` and, if wanted, `country`; or a pfx2as file.
 *
 * A line of CSV holds in [from, until); an empty date is an open end, a date without a time is its midnight in UTC. A line of pfx2as
 * holds at any time, whatever the day of the file.
 *
 * @throws SondeError SONDE_DATABASE_INVALID with file and line
 */
export const readOverlay = async (file: string): Promise<Overlay> => {
  const content = await readDatabaseFile(file);
  const rows = parseRows(content.toString('utf8'), file);
  const family = (bytes: number): ByLength => groupByLength(rows.filter(([prefix]) => prefix.bytes.length === bytes));
  const ipv4 = family(4);
  const ipv6 = family(16);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return {
    edition: `${basename(file)} ${hash}`,
    covering: (address) =>
      (address.length === 4 ? ipv4 : ipv6).flatMap(
        ([length, entries]) => entries.get(keyOf(toPrefix(address, length))) ?? [],
      ),
    ipv4BlocksAt: (at) => {
      const blocks = new Map<number, Prefix[]>();
      for (const [prefix, { asn, from, until }] of rows) {
        if (prefix.bytes.length !== 4 || at < from || at >= until) continue;
        const own = blocks.get(asn);
        if (own === undefined) blocks.set(asn, [prefix]);
        else own.push(prefix);
      }
      return blocks;
    },
  };
};
