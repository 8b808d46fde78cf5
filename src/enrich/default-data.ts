/** The databases that come with Sonde: where they are installed, which edition, and how they compile. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import type { AddressTables } from './address-tables.ts';
import { compileCountries } from './compile-countries.ts';
import { compileSystems } from './compile-systems.ts';
import { SystemList } from './system-list.ts';
import { TABLES_FORMAT } from './tables-file.ts';

const packages = {
  '@ip-location-db/asn': ['asn-ipv4-num.csv', 'asn-ipv6-num.csv'],
  '@ip-location-db/geo-whois-asn-country-mmdb': ['geo-whois-asn-country-ipv4.mmdb', 'geo-whois-asn-country-ipv6.mmdb'],
} as const;

const require = createRequire(import.meta.url);

export interface DefaultData {
  /** Absolute paths. */
  readonly systems: readonly [ipv4: string, ipv6: string];
  readonly countries: readonly [ipv4: string, ipv6: string];
  /** Editions, for people: `asn 2.3.2026061719, geo-whois-asn-country 2.3.2026061719`. */
  readonly edition: string;
  /** 16 hex characters of packages, versions, sizes and the compiler's own format. Contents are not read for it: a published version never changes. */
  readonly fingerprint: string;
}

/** @throws SondeError SONDE_DATABASE_INVALID if a package is missing or incomplete */
export const findDefaultData = async (): Promise<DefaultData> => {
  const hash = createHash('sha256').update(`format ${TABLES_FORMAT}\n`);
  const editions: string[] = [];
  const paths: string[] = [];
  for (const [name, files] of Object.entries(packages)) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string };
      editions.push(`${name.replace(/^.*\/|-mmdb$/g, '')} ${version}`);
      for (const file of files) {
        const path = join(dirname(manifest), file);
        hash.update(`${name} ${version} ${file} ${(await stat(path)).size}\n`);
        paths.push(path);
      }
    } catch (cause) {
      throw new SondeError(
        'SONDE_DATABASE_INVALID',
        'an address database is not installed',
        { package: name },
        'run npm install',
        cause,
      );
    }
  }
  const [systems4, systems6, countries4, countries6] = paths as [string, string, string, string];
  return {
    systems: [systems4, systems6],
    countries: [countries4, countries6],
    edition: editions.join(', '),
    fingerprint: hash.digest('hex').slice(0, 16),
  };
};

/** Takes some seconds; see `loadTables` for the cache. */
export const compileTables = async ({ systems, countries }: DefaultData): Promise<AddressTables> => {
  const list = new SystemList();
  const ipv4 = {
    systems: await compileSystems(systems[0], 32, list),
    countries: await compileCountries(countries[0]),
  };
  const ipv6 = {
    systems: await compileSystems(systems[1], 128, list),
    countries: await compileCountries(countries[1]),
  };
  return { ipv4, ipv6, ...list.build() };
};
