/** How much of the IPv4 space each autonomous system announces: the blocks of a database, every address counted once. */
import { openTables } from './address-database.ts';
import type { AddressTables } from './address-tables.ts';
import { readOverlay } from './overlay.ts';

/** Counts of IPv4 addresses, and of the networks of each size in which some of them lie. */
interface AnnouncedSpace {
  readonly addresses: number;
  readonly nets24: number;
  readonly nets16: number;
  readonly nets8: number;
}

/** First address and the one after the last, as numbers. */
type Span = readonly [from: number, until: number];

/** Networks of 2^bits addresses that spans touch. @param spans ascending and apart */
const touched = (spans: readonly Span[], bits: number): number => {
  let networks = 0;
  let last = -1;
  for (const [from, until] of spans) {
    const first = Math.max(last + 1, Math.floor(from / 2 ** bits));
    const end = Math.floor((until - 1) / 2 ** bits);
    if (end >= first) networks += end - first + 1;
    last = Math.max(last, end);
  }
  return networks;
};

const merge = (spans: readonly Span[]): readonly Span[] => {
  const merged: [number, number][] = [];
  for (const [from, until] of [...spans].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], until);
    else merged.push([from, until]);
  }
  return merged;
};

const measure = (spans: readonly Span[]): AnnouncedSpace => {
  const apart = merge(spans);
  return {
    addresses: apart.reduce((sum, [from, until]) => sum + until - from, 0),
    nets24: touched(apart, 8),
    nets16: touched(apart, 16),
    nets8: touched(apart, 24),
  };
};

const spansOf = ({ ipv4: { systems }, asns }: AddressTables): Map<number, Span[]> => {
  const spans = new Map<number, Span[]>();
  for (const [step, system] of systems.values.entries()) {
    if (system === 0) continue;
    const span = [systems.starts[step]!, systems.starts[step + 1] ?? 2 ** 32] as const;
    const asn = asns[system]!;
    const own = spans.get(asn);
    if (own === undefined) spans.set(asn, [span]);
    else own.push(span);
  }
  return spans;
};

/** What each autonomous system announces, by its number, and the edition of the data. */
interface AnnouncedSpaces {
  readonly edition: string;
  readonly ofSystem: (asn: number) => AnnouncedSpace | undefined;
}

/**
 * The announced space of autonomous systems: the union of the blocks of each. Where blocks lie within each other, and where
 * they touch, every address and every network counts once.
 *
 * A system that the overlay has blocks of at that time is counted by the overlay alone; the others by the database that comes
 * with Sonde, which gives each address to the system of its longest block.
 *
 * @param options.overlay path of a CSV, see `readOverlay`
 * @param options.at UTC microseconds; the overlay's blocks of that time count
 * @throws SondeError SONDE_DATABASE_INVALID
 * @example
 * const { ofSystem } = await readAnnouncedSpaces({ overlay: 'pfx2as-2014.csv', at: Date.UTC(2014, 1, 22) * 1000 });
 * ofSystem(36351) // { addresses: 1364480, nets24: 5330, nets16: 106, nets8: 42 }
 */
export const readAnnouncedSpaces = async (options: {
  readonly overlay?: string | undefined;
  readonly at: number;
  readonly cacheFolder?: string;
}): Promise<AnnouncedSpaces> => {
  const { data, tables } = await openTables(options.cacheFolder);
  const spans = spansOf(tables);
  const overlay = options.overlay === undefined ? undefined : await readOverlay(options.overlay);
  for (const [asn, blocks] of overlay?.ipv4BlocksAt(options.at) ?? [])
    spans.set(
      asn,
      blocks.map(({ bytes, length }) => {
        const from = bytes.reduce((number, byte) => 256 * number + byte, 0);
        return [from, from + 2 ** (32 - length)];
      }),
    );
  return {
    edition: overlay === undefined ? data.edition : `${overlay.edition}, else ${data.edition}`,
    ofSystem: (asn) => {
      const own = spans.get(asn);
      return own === undefined ? undefined : measure(own);
    },
  };
};
