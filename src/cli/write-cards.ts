/** Cards to standard output: as text for people, or their tables as rows. */
import type { Card, CardTable } from '../analysis/card.ts';
import { formatValue } from '../analysis/format.ts';
import { type OutputColumn, type RowFormat, writeRows } from './rows-output.ts';
import type { Terminal } from './terminal.ts';
import { toTerminalTable } from './terminal-table.ts';
import { wrap } from './wrap.ts';

const INDENT = '  ';

const tableText = ({ columns, rows }: CardTable, timezone: string, width: number): string => {
  const heads = columns.map(({ title, kind }) => ({
    title,
    alignRight: kind !== 'text' && kind !== 'asn',
  }));
  const cells = rows.map((row) => columns.map(({ name, kind }) => formatValue(kind, row[name] ?? null, timezone)));
  return toTerminalTable(heads, cells, width - INDENT.length)
    .split('\n')
    .map((line) => INDENT + line)
    .join('\n');
};

const cardText = (card: Card, timezone: string, width: number): string => {
  const parts = [card.question, wrap(card.finding, width, INDENT)];
  if (card.hint !== undefined) parts.push(wrap(card.hint, width, INDENT));
  for (const table of card.tables) {
    if (table.rows.length === 0) continue;
    parts.push('');
    if (table.detail) parts.push(`${INDENT}${table.title}: ${table.rows.length} rows, with --format csv`);
    else parts.push(wrap(table.title, width, INDENT), tableText(table, timezone, width));
  }
  parts.push('', wrap(`n = ${formatValue('count', card.n)} ${card.unit}. ${card.method}`, width, INDENT));
  const excluded = card.exclusions.filter(({ n }) => n > 0);
  const left = excluded.map(({ reason, n }) => `${reason}: ${formatValue('count', n)}`).join('; ');
  parts.push(wrap(`${left || 'Left out: nothing'}.`, width, INDENT));
  return parts.join('\n');
};

/** Kinds of values as the engine's: what CSV and JSON make of them. */
const outputColumns = ({ columns }: CardTable): OutputColumn[] =>
  columns.map(({ name, kind }) => ({ name, kind: kind === 'time' ? 'time' : kind === 'text' ? 'text' : 'real' }));

/** `table` is for reading; csv gives each table under a comment line, ndjson and json give whole cards. */
export const writeCards = async (
  cards: readonly Card[],
  format: RowFormat,
  timezone: string,
  terminal: Terminal,
): Promise<void> => {
  if (format === 'table') {
    const [first] = cards;
    terminal.out(`${cards.map((card) => cardText(card, timezone, terminal.width)).join('\n\n')}\n`);
    if (first !== undefined) terminal.out(`\n${wrap(first.source, terminal.width, '')}\n`);
  } else if (format === 'csv') {
    for (const { id, tables } of cards) {
      for (const table of tables) {
        terminal.out(`# ${id}: ${table.title}\n`);
        await writeRows(outputColumns(table), [table.rows], 'csv', terminal.out, terminal.width);
      }
    }
  } else {
    const plain = cards.map(({ figure: _figure, ...card }) => card);
    if (format === 'json') terminal.out(`${JSON.stringify(plain, null, 1)}\n`);
    else for (const card of plain) terminal.out(`${JSON.stringify(card)}\n`);
  }
};
