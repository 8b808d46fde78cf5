/** Labels of stored rows by other rules and other databases: the code that decides while packets are read, over what the rows still tell. */
import { type Catalog, firstHolding } from '../catalog/catalog.ts';
import type { AddressDatabase } from '../enrich/address-database.ts';
import { enrichFlows } from '../enrich/enrich-flows.ts';
import { CodeCache } from '../kit/code-cache.ts';
import type { Interner } from '../kit/interner.ts';
import { parseAddress } from '../packet/address.ts';
import { AddressSet } from '../packet/address-set.ts';
import { toPrefix } from '../packet/prefix.ts';
import { addressPseudonyms } from '../privacy/address-pseudonyms.ts';
import type { PseudonymizerOptions } from '../privacy/pseudonymizer.ts';
import type { Batch } from '../tickets/batch.ts';
import type { dns, flows, imports } from '../tickets/index.ts';
import { NameClaims } from './name-claims.ts';

export interface RelabelOptions extends PseudonymizerOptions {
  readonly catalog: Catalog;
  readonly addresses: AddressDatabase;
}

/** Labels the rows of a batch anew, in place. Does any of them differ now? */
export type Relabel = (batch: Batch) => boolean;

/** What a label is made of, by table: all that may change. */
export const labels: Readonly<Record<string, readonly string[]>> = {
  flows: [
    'server_asn',
    'server_org',
    'server_prefix',
    'server_country',
    'service',
    'class',
    'service_source',
    'service_confidence',
    'rule',
    'rules_version',
  ],
  dns: ['service', 'class'],
  imports: ['databases'],
};

/** Evidence that is used up when a packet has passed: what was told by it stands, under the rules that told it. */
const isGone = (source: string): boolean => source === 'ip-set' || source === 'payload';

/** The editions of address databases, which stand before that of handsets. */
const withEdition = (databases: string, edition: string): string =>
  edition + (/, handsets \([0-9a-f]+\)$/.exec(databases)?.[0] ?? '');

/**
 * Labels rows that were stored, as they would be labelled if their packets came now, as far as the rows tell:
 *
 * - `flows`: system, organisation, prefix and country of servers by the databases, at the time of the flow; the service by
 *   the name, or without one by the port. A flow without a name whose service was told by its server's address or its first
 *   payload keeps it, together with its `rules_version`: neither is stored.
 * - `dns`: the service of the question name.
 * - `imports`: the edition of the databases.
 *
 * A server that is a pseudonym keeps what was said of its address: that is told by the blocks that the local nets have
 * become, so key and local nets are to be those of the import.
 *
 * @param interner that of the batches
 */
export const relabelRows = (options: RelabelOptions, interner: Interner): Relabel => {
  const { catalog, addresses } = options;
  const claims = new NameClaims(catalog, interner);
  const enricher = enrichFlows(addresses);
  const hidden = hiddenNets(options);
  const areHidden = new CodeCache((code) => {
    const address = parseAddress(interner.text(code));
    return address !== undefined && hidden.contains(address) ? 1 : 0;
  });
  const sourcesGone = new CodeCache((code) => (isGone(interner.text(code)) ? 1 : 0));

  const enrich = (batch: Batch<typeof flows.columns>): void => {
    const { columns, rows } = batch;
    const { server_ip, client_ip, server_asn, server_org, server_prefix, server_country } = columns;
    const told = [server_asn, server_org, server_prefix, server_country] as const;
    const before = told.map((values) => values.slice(0, rows));
    server_asn.fill(Number.NaN, 0, rows);
    for (const codes of [server_org, server_prefix, server_country]) codes.fill(0, 0, rows);
    enricher.label(batch);
    for (let row = 0; row < rows; row++) {
      const server = server_ip[row]!;
      const mayBePseudonym = server === client_ip[row] || areHidden.of(server, interner) === 1;
      // Of a pseudonym the prefix is not stored.
      if (!mayBePseudonym || before[2]![row] !== 0) continue;
      for (const [i, values] of told.entries()) values[row] = before[i]![row]!;
    }
  };

  const serve = ({ columns, rows }: Batch<typeof flows.columns>): void => {
    const version = interner.word(catalog.version);
    for (let row = 0; row < rows; row++) {
      const name = columns.fqdn[row]!;
      if (name === 0 && sourcesGone.of(columns.service_source[row]!, interner) === 1) continue;
      const port = columns.server_port[row]!;
      const rule = firstHolding(
        name === 0 ? catalog.nameless.ofPort(port) : claims.of(name),
        columns.started_at[row]!,
        port,
        interner.text(columns.protocol[row]!),
        name === 0 ? columns.server_asn[row] : undefined,
      );
      columns.service[row] = interner.word(rule?.service ?? '');
      columns.class[row] = interner.word(rule?.class ?? '');
      columns.service_source[row] = interner.word(rule === undefined ? '' : name === 0 ? 'port' : 'name');
      columns.service_confidence[row] = Number.NaN;
      columns.rule[row] = interner.word(rule?.rule ?? '');
      columns.rules_version[row] = version;
    }
  };

  const labelQuestions = ({ columns, rows }: Batch<typeof dns.columns>): void => {
    for (let row = 0; row < rows; row++) {
      const name = columns.qname[row]!;
      const rule = name === 0 ? undefined : firstHolding(claims.of(name), columns.reported_at[row]!);
      columns.service[row] = interner.word(rule?.service ?? '');
      columns.class[row] = interner.word(rule?.class ?? '');
    }
  };

  const labelImports = ({ columns, rows }: Batch<typeof imports.columns>): void => {
    for (let row = 0; row < rows; row++) {
      const databases = interner.text(columns.databases[row]!);
      if (databases !== '') columns.databases[row] = interner.code(withEdition(databases, addresses.version));
    }
  };

  /** By table: the name says which columns there are. */
  const labellers: Readonly<Record<string, (batch: Batch) => void>> = {
    flows: (batch) => {
      enrich(batch as Batch<typeof flows.columns>);
      serve(batch as Batch<typeof flows.columns>);
    },
    dns: (batch) => labelQuestions(batch as Batch<typeof dns.columns>),
    imports: (batch) => labelImports(batch as Batch<typeof imports.columns>),
  };

  return (batch) => {
    const { name } = batch.table;
    const columns = (labels[name] ?? []).map((column) => batch.columns[column] as Float64Array | Int32Array);
    const before = columns.map((values) => values.slice(0, batch.rows));
    labellers[name]?.(batch);
    return before.some((values, i) => values.some((value, row) => !Object.is(value, columns[i]![row])));
  };
};

/** The blocks in which the pseudonyms of local addresses lie. */
const hiddenNets = ({ key, localNets, keepAddresses }: PseudonymizerOptions): AddressSet => {
  if (keepAddresses) return new AddressSet([]);
  const pseudonymOf = addressPseudonyms(key);
  return new AddressSet(localNets.prefixes.map(({ bytes, length }) => toPrefix(pseudonymOf(bytes), length)));
};
