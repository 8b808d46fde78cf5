/** The data dictionary: every table and column in words, as Markdown, from the records themselves. */
import type { ColumnKind, Table } from './column.ts';

/** What a column of a kind is in SQL. */
const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  time: 'TIMESTAMP',
  count: 'BIGINT',
  real: 'DOUBLE',
  flag: 'BOOLEAN',
  text: 'VARCHAR',
  id: 'VARCHAR',
  texts: 'VARCHAR[]',
  counts: 'BIGINT[]',
};

const renderTable = ({ name, doc, columns }: Table): string => {
  const rows = Object.entries(columns).map(
    ([column, { kind, doc }]) => `| \`${column}\` | ${sqlTypes[kind]} | ${doc.replaceAll('|', '\\|')} |`,
  );
  return [`## ${name}`, '', doc, '', '| column | type | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
};

/** A section a table, in the order given. */
export const renderDictionary = (tables: readonly Table[]): string => tables.map(renderTable).join('\n');
