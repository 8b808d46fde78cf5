/** The table of imports: what was read, and what could not be. */
import { count, origin, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  id: text('Hash of what was read and of the options that shape the rows; `source` of every row that came from it.'),
  kind: text("'capture' for files, 'live', or the format of other people's records: 'sessions', 'kpi'."),
  name: text('File name without its folder, name of the interface, or - for standard input.'),
  sha256: text(
    "SHA-256 of the bytes read, where `--sha256` asks for it, and of files that are no captures; '' otherwise.",
  ),
  byte_count: count('Bytes read.'),
  row_count: count('Rows written over all tables, this one left out.'),
  first_at: time('First packet or record.'),
  last_at: time('Last packet or record.'),
  dropped: count('Packets that the capture says it lost; NULL if it does not say.'),
  malformed: count('Packets or records that were not decoded.'),
  state: text("'complete', 'partial' if the input broke off, or 'running' as of the last commit of a live capture."),
  reasons: text(
    'Why packets, or lines of a file of records, were not decoded: reason=count, space separated. Packets under `gtp-session-unknown` were, but whose they are is not known.',
  ),
  packet_count: count('Packets read.'),
  databases: text('Editions and fingerprints of the databases of addresses and handsets that labelled the rows.'),
};

export const imports: Table<typeof columns> = {
  name: 'imports',
  doc: 'One row an import or live capture. Rows of other tables whose `source` is not here are of an unfinished import and are left out.',
  columns,
};
