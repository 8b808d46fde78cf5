/** What is known of an address at a time: autonomous system, organisation, prefix, country. */
import { createHash } from 'node:crypto';
import { unmapIpv4 } from '../packet/mapped-address.ts';
import { commonPrefixLength, formatPrefix, toPrefix } from '../packet/prefix.ts';
import { type AddressTables, countryText, orgText } from './address-tables.ts';
import { type DefaultData, findDefaultData } from './default-data.ts';
import { defaultCacheFolder, loadTables } from './load-tables.ts';
import { readOverlay } from './overlay.ts';
import { specialNets } from './special-nets.ts';
import { findStep, type StepTable, stepStart } from './step-table.ts';

interface AddressFacts {
  /** NaN if no system is known. */
  readonly asn: number;
  readonly org: string;
  /** Largest aligned block of the database's range that holds the address; '' without a system. */
  readonly prefix: string;
  /** ISO 3166 alpha-2, or ''. */
  readonly country: string;
}

/** Facts that hold in [from, until), UTC microseconds. */
interface DatedFacts extends AddressFacts {
  readonly from: number;
  readonly until: number;
}

export interface AddressDatabase {
  /** Editions of the data and a fingerprint over them: what a figure must cite to be reproduced. */
  readonly version: string;
  /** The facts about an address (4 or 16 bytes) at a time (UTC microseconds). */
  find(address: Uint8Array, at: number): AddressFacts;
  /** All facts about an address, the one to prefer first; the last holds at any time. */
  history(address: Uint8Array): readonly DatedFacts[];
}

/** The facts of a history that hold at a time: the first that does. */
const factsAt = <F extends { readonly from: number; readonly until: number }>(history: readonly F[], at: number): F =>
  history.find(({ from, until }) => from <= at && at < until) ?? history.at(-1)!;

/** The address before; 0 wraps around and is not asked for. */
const predecessor = (address: Uint8Array): Uint8Array => {
  const before = address.slice();
  for (let i = before.length - 1; i >= 0 && before[i]!-- === 0; i--);
  return before;
};

/**
 * The largest aligned block that holds the address and lies within its step.
 *
 * A block that holds the address lies within the range if and only if it holds neither of the range's two neighbours.
 */
const blockWithin = (table: StepTable, step: number, address: Uint8Array): string => {
  const start = stepStart(table, step)!;
  const next = stepStart(table, step + 1);
  const agreeing = Math.max(
    step === 0 ? -1 : commonPrefixLength(address, predecessor(start)),
    next === undefined ? -1 : commonPrefixLength(address, next),
  );
  return formatPrefix(toPrefix(address, agreeing + 1));
};

const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
const nothing: DatedFacts = { asn: Number.NaN, org: '', prefix: '', country: '', ...always };

const findDefault = (tables: AddressTables, address: Uint8Array): DatedFacts => {
  if (specialNets.contains(address)) return nothing;
  const { systems, countries } = address.length === 4 ? tables.ipv4 : tables.ipv6;
  const country = countryText(countries.values[findStep(countries, address)]!);
  const step = findStep(systems, address);
  const system = systems.values[step]!;
  if (system === 0) return { ...nothing, country };
  return {
    asn: tables.asns[system]!,
    org: orgText(tables, system),
    prefix: blockWithin(systems, step, address),
    country,
    ...always,
  };
};

/** The databases that come with Sonde. @param cacheFolder `$XDG_CACHE_HOME/sonde` by default */
export const openTables = async (
  cacheFolder: string = defaultCacheFolder(),
): Promise<{ readonly data: DefaultData; readonly tables: AddressTables }> => {
  const data = await findDefaultData();
  return { data, tables: await loadTables(data, cacheFolder) };
};

/**
 * Opens the databases that come with Sonde, and over them a user's dated one.
 *
 * The default knows the networks of its own edition only, so flows of other years need the overlay: where it has an
 * entry for address and time, it wins, whatever the length of the default's block. The default says nothing of private,
 * link-local, multicast and other special addresses; the overlay may. An IPv4-mapped address is looked up as the IPv4 address it is.
 *
 * An entry of the overlay without an organisation takes the one that the default has for its system.
 *
 * @param options.overlay path of a CSV or pfx2as file, see `readOverlay`
 * @param options.cacheFolder where the compiled tables are kept, `$XDG_CACHE_HOME/sonde` by default
 * @throws SondeError SONDE_DATABASE_INVALID
 * @example
 * const database = await openAddressDatabase({ overlay: 'pfx2as-2014.csv' });
 * database.find(parseAddress('184.173.179.37')!, Date.UTC(2014, 1, 22) * 1000).asn // 36351
 */
export const openAddressDatabase = async (
  options: { readonly overlay?: string; readonly cacheFolder?: string } = {},
): Promise<AddressDatabase> => {
  const overlay = options.overlay === undefined ? undefined : await readOverlay(options.overlay);
  const { data, tables } = await openTables(options.cacheFolder);
  const editions = overlay === undefined ? data.edition : `${data.edition}, ${overlay.edition}`;
  const fingerprint = createHash('sha256').update(`${data.fingerprint} ${editions}`).digest('hex').slice(0, 12);

  const systemOf = new Map(
    overlay === undefined ? [] : Array.from(tables.asns, (asn, system) => [asn, system] as const),
  );
  const orgOf = (asn: number): string => {
    const system = systemOf.get(asn);
    return system === undefined ? '' : orgText(tables, system);
  };

  const history = (address: Uint8Array): readonly DatedFacts[] => {
    const bare = unmapIpv4(address);
    const base = findDefault(tables, bare);
    if (overlay === undefined) return [base];
    const own = overlay.covering(bare).map((entry) => ({
      ...entry,
      org: entry.org || orgOf(entry.asn),
      country: entry.country || base.country,
    }));
    return [...own, base];
  };
  return {
    version: `${editions} (${fingerprint})`,
    history,
    find: (address, at) => factsAt(history(address), at),
  };
};
