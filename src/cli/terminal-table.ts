/** Tables for people: columns aligned, numbers to the right, cut or folded to the width of the terminal. */

export interface TerminalColumn {
  readonly title: string;
  /** For numbers and times, which are never cut. */
  readonly alignRight: boolean;
}

const GAP = '  ';
/** A text is cut down to this before columns are folded; a number is never cut, for then it would lie. */
const MIN_TEXT = 14;

/** Control characters in captured names must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '\u00b7');

const fitCell = (text: string, width: number, alignRight: boolean): string => {
  const cut = text.length > width ? `${text.slice(0, width - 1)}\u2026` : text;
  return alignRight ? cut.padStart(width) : cut.padEnd(width);
};

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);

/** Takes from the widest texts what is too much, as far as `MIN_TEXT` allows. */
const shrink = (widths: readonly number[], columns: readonly TerminalColumn[], width: number): number[] => {
  const shrunk = [...widths];
  for (let excess = total(shrunk) - width; excess > 0; excess = total(shrunk) - width) {
    const texts = shrunk.flatMap((w, i) => (columns[i]!.alignRight || w <= MIN_TEXT ? [] : [i]));
    if (texts.length === 0) break;
    const widest = texts.reduce((a, b) => (shrunk[b]! > shrunk[a]! ? b : a));
    shrunk[widest]!--;
  }
  return shrunk;
};

/** Which columns stand side by side: the first one leads every band. */
const toBands = (widths: readonly number[], width: number): number[][] => {
  const bands: number[][] = [[0]];
  for (let i = 1; i < widths.length; i++) {
    const band = bands.at(-1)!;
    if (band.length === 1 || total([...band, i].map((at) => widths[at]!)) <= width) band.push(i);
    else bands.push([0, i]);
  }
  return bands;
};

/**
 * The table as text, of lines of at most `width` characters unless single columns are wider. Texts are cut first; if
 * that is not enough, the columns that are left follow below, each band led by the first column.
 */
export const toTerminalTable = (
  columns: readonly TerminalColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string => {
  if (columns.length === 0) return '';
  const cells = rows.map((row) => row.map(printable));
  const natural = columns.map(({ title }, i) =>
    cells.reduce((most, row) => Math.max(most, row[i]!.length), title.length),
  );
  const widths = shrink(natural, columns, width);
  return toBands(widths, width)
    .map((band) => {
      const line = (texts: readonly string[]): string =>
        band
          .map((i) => fitCell(texts[i]!, widths[i]!, columns[i]!.alignRight))
          .join(GAP)
          .trimEnd();
      const rule = band.map((i) => '-'.repeat(widths[i]!)).join(GAP);
      return [line(columns.map(({ title }) => title)), rule, ...cells.map(line)].join('\n');
    })
    .join('\n\n');
};
