/** A card's table as HTML, in a box of its own to scroll in; long ones folded. */
import type { CardColumn, CardRow, CardTable } from '../analysis/card.ts';
import { formatValue } from '../analysis/format.ts';
import { type Html, html } from './html.ts';

const MOST_ROWS = 100;
const ROWS_UNFOLDED = 12;

// Longer text may wrap, so that one long name does not push the numbers out of sight.
const LONG = 28;

const classOf = ({ kind }: CardColumn, text: string): string =>
  kind === 'text' || kind === 'asn' || kind === 'time' ? (text.length > LONG ? 'long' : '') : 'number';

const renderRow = (columns: readonly CardColumn[], row: CardRow, timezone: string): Html => {
  const cells = columns.map((column) => {
    const text = formatValue(column.kind, row[column.name] ?? null, timezone);
    return html`<td class="${classOf(column, text)}">${text}</td>`;
  });
  return html`<tr>${cells}</tr>\n`;
};

const renderRows = (
  { title, columns, rows }: CardTable,
  timezone: string,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${classOf(column, '')}" title="${column.doc}">${column.title}</th>`)}</tr></thead>
<tbody>${rows.slice(0, MOST_ROWS).map((row) => renderRow(columns, row, timezone))}</tbody></table></div>`;

const moreRows = ({ rows }: CardTable): Html =>
  rows.length > MOST_ROWS
    ? html`<p class="soft">The first ${formatValue('count', MOST_ROWS)} of ${formatValue('count', rows.length)} rows; the command below gives all of them.</p>`
    : html``;

/** The table under its title; folded if it is long or only backs a figure. */
export const renderTable = (table: CardTable, timezone: string): Html => {
  if (table.rows.length === 0) return html`<p class="soft">${table.title}: none.</p>`;
  return table.detail || table.rows.length > ROWS_UNFOLDED
    ? html`<details${table.detail ? html` class="points"` : ''}><summary>${table.title} (${formatValue('count', table.rows.length)} rows)</summary>${renderRows(table, timezone)}${moreRows(table)}</details>`
    : html`<h4>${table.title}</h4>${renderRows(table, timezone)}`;
};
