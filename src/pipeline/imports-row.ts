/** The row of the table of imports: what was read, by what name, and what it came to. */

import type { CsvAccount } from '../imports/csv-file.ts';
import { Interner } from '../kit/interner.ts';
import { Batch, type SealedBatch, sealBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import type { ImportSummary } from './import-summary.ts';
import type { LabelledTickets } from './labelled-tickets.ts';

export interface ImportAbout {
  readonly kind: 'capture' | 'live' | 'planted';
  readonly name: string;
  /** '' where nobody hashed the bytes. */
  readonly sha256: string;
  /** In place of the summary's. */
  readonly state?: 'running' | 'partial';
}

export const importsRow = (
  { probe, source, options }: LabelledTickets,
  about: ImportAbout,
  summary: ImportSummary,
): SealedBatch => {
  const interner = new Interner();
  const batch = new Batch(imports, interner, 1);
  const { columns } = batch;
  const row = batch.begin();
  columns.source[row] = interner.code(source);
  columns.vantage[row] = interner.code(options.vantage);
  columns.reported_at[row] = probe.clock;
  columns.id[row] = interner.code(source);
  columns.kind[row] = interner.code(about.kind);
  columns.name[row] = interner.code(about.name);
  columns.sha256[row] = interner.code(about.sha256);
  columns.byte_count[row] = summary.bytesRead;
  columns.row_count[row] = summary.rows;
  columns.first_at[row] = summary.firstAt ?? Number.NaN;
  columns.last_at[row] = summary.lastAt ?? Number.NaN;
  columns.dropped[row] = summary.dropped ?? Number.NaN;
  columns.malformed[row] = summary.malformed;
  columns.state[row] = interner.code(about.state ?? summary.state);
  const reasons = Object.entries(summary.reasons).sort(([a], [b]) => (a < b ? -1 : 1));
  columns.reasons[row] = interner.code(reasons.map(([reason, count]) => `${reason}=${count}`).join(' '));
  columns.packet_count[row] = summary.packets;
  const { addresses, handsets } = options;
  const editions = [
    addresses.version,
    ...(handsets === undefined ? [] : [`handsets (${handsets.sha256.slice(0, 12)})`]),
  ];
  columns.databases[row] = interner.code(editions.join(', '));
  batch.end();
  return sealBatch(batch);
};

interface RecordsAbout {
  readonly kind: 'sessions' | 'kpi';
  readonly name: string;
  readonly source: string;
  readonly vantage: string;
  readonly rows: number;
  /** UTC microseconds; undefined if there is no row. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  /** What lines are counted under that cannot be used. */
  readonly badReason: string;
}

/** The same for a file of records, of which each line is one. */
export const recordsRow = (about: RecordsAbout, { sha256, byteCount, badLines }: CsvAccount): SealedBatch => {
  const interner = new Interner();
  const batch = new Batch(imports, interner, 1);
  const { columns } = batch;
  const row = batch.begin();
  columns.source[row] = interner.code(about.source);
  columns.vantage[row] = interner.code(about.vantage);
  columns.reported_at[row] = about.lastAt ?? Number.NaN;
  columns.id[row] = interner.code(about.source);
  columns.kind[row] = interner.code(about.kind);
  columns.name[row] = interner.code(about.name);
  columns.sha256[row] = interner.code(sha256);
  columns.byte_count[row] = byteCount;
  columns.row_count[row] = about.rows;
  columns.first_at[row] = about.firstAt ?? Number.NaN;
  columns.last_at[row] = about.lastAt ?? Number.NaN;
  columns.malformed[row] = badLines;
  columns.state[row] = interner.code('complete');
  columns.reasons[row] = interner.code(badLines > 0 ? `${about.badReason}=${badLines}` : '');
  batch.end();
  return sealBatch(batch);
};
