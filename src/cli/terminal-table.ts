/** Tables for people: columns aligned, cut to the width of the terminal, numbers to the right. */

export interface TerminalColumn {
  readonly title: string;
  readonly alignRight: boolean;
}

const GAP = '  ';
const MIN_CELL = 6;

/** Control characters in captured names must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '\u00b7');

const fitCell = (text: string, width: number, alignRight: boolean): string => {
  const cut = text.length > width ? `${text.slice(0, width - 1)}\u2026` : text;
  return alignRight ? cut.padStart(width) : cut.padEnd(width);
};

/**
 * Lines of a table.
 *
 * @param width characters to a line; the widest text columns are cut first until the rows fit
 */
export const toTerminalTable = (
  columns: readonly TerminalColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string => {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const total = (): number => widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns.length - 1);
  while (total() > width) {
    // A number that is cut tells a lie, a text that is cut only less: numbers give way last.
    const texts = widths.flatMap((w, i) => (columns[i]!.alignRight ? [] : [w]));
    const cuttable = texts.some((w) => w > MIN_CELL);
    const widest = Math.max(...(cuttable ? texts : widths));
    const at = widths.findIndex((w, i) => w === widest && (!cuttable || !columns[i]!.alignRight));
    if (widest <= MIN_CELL) break;
    widths[at] = Math.max(MIN_CELL, widest - (total() - width), Math.floor(widest * 0.8));
  }
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => fitCell(text, widths[i]!, columns[i]!.alignRight))
      .join(GAP)
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  const rule = widths.map((w) => '-'.repeat(w)).join(GAP);
  return [head, rule, ...cells.map(line)].join('\n');
};
