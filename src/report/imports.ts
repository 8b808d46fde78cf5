/** What a report rests on: the imports, as a table. */
import { readFile } from 'node:fs/promises';
import { type CardTable, cardTable, countColumn, textColumn, timeColumn } from '../analysis/card.ts';
import { numberOrNull, type Query, textOf } from '../analysis/query.ts';

const columns = [
  textColumn('name', 'Import', 'File name, or - for standard input.'),
  textColumn('kind', 'Kind', "'capture', or the format of the records."),
  textColumn('vantage', 'Vantage', 'Name of the place that measured.'),
  timeColumn('first_at', 'From', 'First packet or record.'),
  timeColumn('last_at', 'To', 'Last packet or record.'),
  countColumn('packets', 'Packets', 'packets', 'Packets read.'),
  countColumn('rows', 'Rows', 'rows', 'Rows written.'),
  countColumn('dropped', 'Dropped', 'packets', 'Packets that the capture says it lost; - if it does not say.'),
  countColumn('malformed', 'Malformed', 'packets', 'Packets or records that were not decoded.'),
  textColumn('state', 'State', "'complete', or 'partial' if the input broke off."),
];

export const readImports = async (query: Query): Promise<CardTable> => {
  const sql = await readFile(new URL('./imports.sql', import.meta.url), 'utf8');
  const { rows } = await query(sql, {});
  return cardTable(
    'What was imported',
    columns,
    rows.map((row) => ({
      name: textOf(row, 'name'),
      kind: textOf(row, 'kind'),
      vantage: textOf(row, 'vantage'),
      first_at: numberOrNull(row, 'first_us'),
      last_at: numberOrNull(row, 'last_us'),
      packets: numberOrNull(row, 'packet_count'),
      rows: numberOrNull(row, 'row_count'),
      dropped: numberOrNull(row, 'dropped'),
      malformed: numberOrNull(row, 'malformed'),
      state: textOf(row, 'state'),
    })),
  );
};
