/** `sonde db history`: the snapshots of the store, what made each of them, and how much came and went. */
import { formatValue, type ValueKind } from '../analysis/format.ts';
import type { Change, Snapshot, Store } from '../store/index.ts';
import { count, type OutputColumn, type RowFormat, text, time, writeRows } from './rows-output.ts';
import type { Terminal } from './terminal.ts';
import { toTerminalTable } from './terminal-table.ts';

const columns: readonly OutputColumn[] = [
  count('snapshot'),
  time('at'),
  text('operation'),
  text('name'),
  text('source'),
  { name: 'tables', kind: 'texts' },
  count('rows_added'),
  count('rows_removed'),
  count('bytes_added'),
  count('bytes_removed'),
];

const namesSql = 'SELECT id, any_value(name) AS name FROM imports GROUP BY id';

/** Names of imports and streams by id; of one whose row is not there any more nobody knows it. */
const namesOf = async (snapshot: Snapshot): Promise<ReadonlyMap<string, string>> => {
  const rows = await (await snapshot.query(namesSql)).rows();
  return new Map(rows.map(({ id, name }) => [String(id), String(name)]));
};

const rowOf = (change: Change, name: string) => ({
  snapshot: change.snapshot,
  at: change.at * 1000,
  operation: change.operation,
  name,
  source: change.source,
  tables: change.tables,
  rows_added: change.added.rows,
  rows_removed: change.removed.rows,
  bytes_added: change.added.bytes,
  bytes_removed: change.removed.bytes,
});

const difference = (kind: ValueKind, added: number, removed: number): string =>
  [added > 0 ? `+${formatValue(kind, added)}` : '', removed > 0 ? `-${formatValue(kind, removed)}` : '']
    .filter((part) => part !== '')
    .join(' ');

const heads = [
  { title: 'snapshot', alignRight: true },
  { title: 'time (UTC)', alignRight: true },
  { title: 'what', alignRight: false },
  { title: 'rows', alignRight: true },
  { title: 'bytes', alignRight: true },
];

/** For people: what touched some tables only says which. */
const cellsOf = ({ snapshot, at, operation, source, tables, added, removed }: Change, name: string): string[] => [
  String(snapshot),
  new Date(at).toISOString().slice(0, 19).replace('T', ' '),
  `${operation} ${name || source || tables.join(', ')}`,
  difference('count', added.rows, removed.rows),
  difference('bytes', added.bytes, removed.bytes),
];

export const writeHistory = async (
  store: Store,
  snapshot: Snapshot,
  format: RowFormat,
  { out, width }: Pick<Terminal, 'out' | 'width'>,
): Promise<void> => {
  const names = await namesOf(snapshot);
  const nameOf = ({ source }: Change): string => names.get(source) ?? '';
  const changes = await store.history();
  if (format !== 'table') await writeRows(columns, [changes.map((one) => rowOf(one, nameOf(one)))], format, out, width);
  else {
    const rows = changes.map((change) => cellsOf(change, nameOf(change)));
    out(`${toTerminalTable(heads, rows, width)}\n`);
  }
};
