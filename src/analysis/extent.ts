/** What of the data a scope selects, found before an analysis runs: the default range, and why there may be nothing. */
import { readFile } from 'node:fs/promises';
import type { Scope } from './analysis.ts';
import type { Range } from './bins.ts';
import { cardTable, countColumn, type Outcome, timeColumn } from './card.ts';
import { counted, formatValue } from './format.ts';
import { ever, numberOf, numberOrNull, type Query, selectParameters } from './query.ts';

export interface Extent {
  readonly storedFlows: number;
  readonly serviceFlows: number;
  /** Of the service and inside the range. */
  readonly selectedFlows: number;
  /** From the first packet to the last one, of the service if it has flows, else of everything; null in an empty store. */
  readonly range: Range | null;
  readonly rulesVersions: number;
  readonly imported: readonly Range[];
}

/** Measures the scope: two queries, and one more if it has a range. */
export const measureExtent = async (query: Query, scope: Scope): Promise<Extent> => {
  const { service = '', from = ever.from, until = ever.until } = scope;
  const run = async (name: string, range = ever) => {
    const sql = await readFile(new URL(`./${name}.sql`, import.meta.url), 'utf8');
    return (await query(sql, selectParameters(sql, { service, ...range }))).rows;
  };
  const stored = (await run('extent'))[0]!;
  const hasRange = scope.from !== undefined || scope.until !== undefined;
  const selected = hasRange ? (await run('extent', { from, until }))[0]! : stored;
  const firstUs = numberOrNull(stored, 'service_first_us') ?? numberOrNull(stored, 'first_us');
  const lastUs = numberOrNull(stored, 'service_last_us') ?? numberOrNull(stored, 'last_us');
  return {
    storedFlows: numberOf(stored, 'all_flows'),
    serviceFlows: numberOf(stored, 'service_flows'),
    selectedFlows: numberOf(selected, 'service_flows'),
    range: firstUs === null || lastUs === null ? null : { firstUs, lastUs },
    rulesVersions: numberOf(selected, 'rules_versions'),
    imported: (await run('imported')).map((row) => ({
      firstUs: numberOf(row, 'first_us'),
      lastUs: numberOf(row, 'last_us'),
    })),
  };
};

const columns = [
  countColumn('stored_flows', 'Stored flows', 'flows', 'Flows in the store.'),
  countColumn('service_flows', 'Of the service', 'flows', 'Those of them that the service owns.'),
  timeColumn('first_at', 'First packet', 'Start of the first flow: of the service if it has any, else of all.'),
  timeColumn('last_at', 'Last packet', 'End of the last flow, likewise.'),
];

/** Why the scope selects no flow, and what to do; undefined if it does select some. */
export const explainNothing = (extent: Extent, scope: Scope): Outcome | undefined => {
  if (extent.selectedFlows > 0) return undefined;
  const { storedFlows, serviceFlows, range } = extent;
  const service = formatValue('text', scope.service ?? '');
  const row = {
    stored_flows: storedFlows,
    service_flows: serviceFlows,
    first_at: range?.firstUs ?? null,
    last_at: range?.lastUs ?? null,
  };
  const [finding, hint] =
    storedFlows === 0
      ? ['The store holds no flow yet.', 'Import a capture: sonde import PATH']
      : serviceFlows === 0
        ? [
            `None of the ${counted(storedFlows, 'stored flow')} belongs to ${service}.`,
            'See which services and names there are: sonde show coverage. Then add a rule, or check the spelling.',
          ]
        : [
            `No flow${service === '' ? '' : ` of ${service}`} starts inside the range; the data reach from ${formatValue('time', row.first_at, scope.timezone)} to ${formatValue('time', row.last_at, scope.timezone)}.`,
            'Leave out --from and --until, or move them into that range.',
          ];
  return {
    finding,
    hint,
    tables: [cardTable('What there is', columns, [row])],
    n: 0,
    method: 'Flows are selected by service and by the time of their first packet.',
    exclusions: [],
  };
};
