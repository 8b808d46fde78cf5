/** A file of key performance indicators to tickets. */
import type { KpiFile } from '../imports/kpi-file.ts';
import { Interner } from '../kit/interner.ts';
import { createPseudonymizer, type PseudonymizerOptions } from '../privacy/pseudonymizer.ts';
import { Batch, sealBatch } from '../tickets/batch.ts';
import { kpi } from '../tickets/index.ts';
import type { TicketSink } from './import-captures.ts';
import { recordsRow } from './imports-row.ts';

const BATCH_ROWS = 8192;

export interface KpiImportOptions extends PseudonymizerOptions {
  readonly source: string;
  readonly vantage: string;
  /** For `imports.name`. */
  readonly name: string;
}

/** Writes a row a value, and at the end the row of `imports`. A row is reported at the time that its value is of. */
export const importKpi = async (file: KpiFile, options: KpiImportOptions, sink: TicketSink): Promise<void> => {
  const { values } = file;
  const pseudonyms = createPseudonymizer(options);
  for (let done = 0; done < values.length; done += BATCH_ROWS) {
    const interner = new Interner();
    const batch = new Batch(kpi, interner, BATCH_ROWS);
    const { columns } = batch;
    for (const { at, name, dimension, value } of values.slice(done, done + BATCH_ROWS)) {
      const row = batch.begin();
      columns.source[row] = interner.code(options.source);
      columns.vantage[row] = interner.code(options.vantage);
      columns.reported_at[row] = at;
      columns.counted_at[row] = at;
      columns.name[row] = interner.code(name);
      columns.dimension[row] = interner.code(dimension);
      columns.value[row] = value;
      batch.end();
    }
    pseudonyms.label(batch as unknown as Batch);
    pseudonyms.reset();
    await sink.write(sealBatch(batch as unknown as Batch));
  }
  const span = { rows: values.length, firstAt: values[0]?.at, lastAt: values.at(-1)?.at };
  await sink.write(recordsRow({ ...options, ...span, kind: 'kpi', badReason: 'kpi-line' }, file));
};
