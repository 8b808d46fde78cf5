/** Rows as objects, for tests: a capture imported in memory, table by table. */
import { Catalog } from '../src/catalog/catalog.ts';
import { loadRuleFiles } from '../src/catalog/load-rule-files.ts';
import { openAddressDatabase } from '../src/enrich/address-database.ts';
import { defaultLocalNets } from '../src/packet/address-set.ts';
import { type CaptureStream, importCaptures } from '../src/pipeline/import-captures.ts';
import type { ImportSummary } from '../src/pipeline/import-summary.ts';
import type { LabelOptions } from '../src/pipeline/labelled-tickets.ts';
import { keyOf } from '../src/privacy/key.ts';
import type { SealedBatch } from '../src/tickets/batch.ts';

export type Row = Record<string, string | number | null | (string | number)[]>;

/** Every value of a sealed batch; NULL is null. */
export const rowsOf = (batch: SealedBatch): Row[] => {
  const rows: Row[] = Array.from({ length: batch.rows }, () => ({}));
  for (const { name, kind, values, offsets } of batch.columns) {
    const value = (i: number): string | number =>
      kind === 'text' || kind === 'texts' ? batch.dictionary[values[i]!]! : values[i]!;
    for (const [r, row] of rows.entries()) {
      if (offsets !== undefined) {
        row[name] = Array.from({ length: offsets[r + 1]! - offsets[r]! }, (_, i) => value(offsets[r]! + i));
      } else row[name] = Number.isNaN(values[r]) ? null : value(r);
    }
  }
  return rows;
};

const tableNames = ['flows', 'dns', 'http', 'bursts', 'counters', 'imports'] as const;

/** Rows by table. */
export type ImportedRows = Readonly<Record<(typeof tableNames)[number], Row[]>> & {
  readonly summary: ImportSummary;
};

export const testOptions: LabelOptions = {
  source: 'test',
  vantage: 'lab',
  tcpIdleUs: 1800e6,
  udpIdleUs: 180e6,
  synIdleUs: 30e6,
  burstIdleUs: 1e6,
  maxFlows: 1 << 20,
  localNets: defaultLocalNets,
  key: keyOf(new Uint8Array(32).fill(7)),
  keepAddresses: true,
  keepQuery: false,
  catalog: new Catalog(loadRuleFiles(['services'])),
  addresses: await openAddressDatabase(),
};

/** Imports captures as one stream into memory. */
export const importRows = async (
  inputs: CaptureStream['inputs'],
  options: Partial<LabelOptions> = {},
): Promise<ImportedRows> => {
  const rows: Record<string, Row[]> = Object.fromEntries(tableNames.map((name) => [name, []]));
  const summary = await importCaptures(
    { inputs, name: 'test', sha256: '', byteCount: Number.POSITIVE_INFINITY },
    { ...testOptions, ...options },
    {
      write: async (batch) => {
        rows[batch.table]!.push(...rowsOf(batch));
      },
    },
  );
  return { ...(rows as Omit<ImportedRows, 'summary'>), summary };
};
