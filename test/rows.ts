/** Rows as objects, for tests: a capture imported in memory, table by table. */
import { Catalog } from '../src/catalog/catalog.ts';
import { loadRuleFiles } from '../src/catalog/load-rule-files.ts';
import { openAddressDatabase } from '../src/enrich/address-database.ts';
import { type CaptureStream, importCaptures } from '../src/pipeline/import-captures.ts';
import type { ImportSummary } from '../src/pipeline/import-summary.ts';
import type { LabelOptions } from '../src/pipeline/labelled-tickets.ts';
import { keyOf } from '../src/privacy/key.ts';
import { type Row, rowsOf } from './batch-rows.ts';
import { probeOptions } from './probe-options.ts';

export { type Row, rowsOf };

const tableNames = ['flows', 'dns', 'http', 'bursts', 'counters', 'sessions', 'imports'] as const;

/** Rows by table. */
export type ImportedRows = Readonly<Record<(typeof tableNames)[number], Row[]>> & {
  readonly summary: ImportSummary;
};

export const testOptions: LabelOptions = {
  source: 'test',
  ...probeOptions,
  key: keyOf(new Uint8Array(32).fill(7)),
  keepAddresses: true,
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
    { inputs, name: 'test' },
    { ...testOptions, ...options },
    {
      write: async (batch) => {
        rows[batch.table]!.push(...rowsOf(batch));
      },
    },
  );
  return { ...(rows as Omit<ImportedRows, 'summary'>), summary };
};
