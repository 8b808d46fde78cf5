/** How the volume goes over time. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { measuredBins } from '../bins.ts';
import { bytesColumn, cardTable, detailTable, durationColumn, textColumn, timeColumn } from '../card.ts';
import { formatValue } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { sumOf } from '../sums.ts';
import { volumeFigure } from './figure.ts';

export const volume: Recipe = {
  id: 'volume',
  title: 'Volume over time',
  question: 'How does the volume go over time?',
  unit: 'bins',
  queries: ['volume'],
  nothing: {
    finding: 'No counters cover this scope, so the volume over time is not known.',
    hint: 'Counters come with captures and live capture, minute by minute: sonde import CAPTURE',
  },
  make: (results, context) => {
    const { minuteBins: bins, imported, timezone } = context;
    const cells = results('volume').map((row) => ({
      class: classLabel(textOf(row, 'class_name')),
      bin: numberOf(row, 'bin'),
      up: numberOf(row, 'up_total'),
      down: numberOf(row, 'down_total'),
    }));
    if (cells.length === 0) return undefined;
    const binAt = (bin: number): number => bins.originUs + bin * bins.widthUs;
    const counted = new Set(cells.map(({ bin }) => bin));
    const measured = measuredBins(bins, imported).map((covered, bin) => covered || counted.has(bin));
    const totals = { up: new Float64Array(bins.count), down: new Float64Array(bins.count) };
    for (const { bin, up, down } of cells) {
      totals.up[bin]! += up;
      totals.down[bin]! += down;
    }
    let peak = 0;
    for (let bin = 1; bin < bins.count; bin++)
      if (totals.up[bin]! + totals.down[bin]! > totals.up[peak]! + totals.down[peak]!) peak = bin;
    const row = (part: string, at: number, up: number, down: number, lasts: number) => ({
      part,
      from_at: at,
      lasts_us: lasts,
      up_bytes: up,
      down_bytes: down,
      bytes: up + down,
    });
    const whole = row(
      'all of it',
      binAt(0),
      sumOf(cells, ({ up }) => up),
      sumOf(cells, ({ down }) => down),
      bins.count * bins.widthUs,
    );
    const busiest = row('busiest bin', binAt(peak), totals.up[peak]!, totals.down[peak]!, bins.widthUs);
    const inBins = (values: Float64Array) => measured.map((seen, bin) => (seen ? values[bin]! : null));
    const observed = measured.filter(Boolean).length;
    return {
      finding: `${formatValue('bytes', whole.down_bytes)} went down and ${formatValue('bytes', whole.up_bytes)} up for ${subjectOf(context)}; the busiest bin of ${formatValue('duration_us', bins.widthUs)}, from ${formatValue('time', busiest.from_at, timezone)}, carried ${formatValue('bytes', busiest.bytes)}.`,
      tables: [
        cardTable(
          'Volume',
          [
            textColumn('part', 'Part', 'Which part of the range.'),
            timeColumn('from_at', 'From', 'Its start.'),
            durationColumn('lasts_us', 'Lasts', 'Its length.'),
            bytesColumn('up_bytes', 'Up', 'IP bytes from clients to servers.'),
            bytesColumn('down_bytes', 'Down', 'IP bytes from servers to clients.'),
            bytesColumn('bytes', 'Bytes', 'IP bytes, both directions.'),
          ],
          [whole, busiest],
        ),
        detailTable(
          'Volume over time by class',
          [
            timeColumn('bin_at', 'From', 'Start of the bin.'),
            textColumn('class', 'Class', 'Class of the flows.'),
            bytesColumn('up_bytes', 'Up', 'IP bytes from clients to servers.'),
            bytesColumn('down_bytes', 'Down', 'IP bytes from servers to clients.'),
          ],
          cells.map((cell) => ({
            bin_at: binAt(cell.bin),
            class: cell.class,
            up_bytes: cell.up,
            down_bytes: cell.down,
          })),
        ),
      ],
      figure: volumeFigure(inBins(totals.up), inBins(totals.down), bins, timezone),
      n: observed,
      method:
        'From the counters, which flows report minute by minute while they live, so that a long flow does not put its bytes where it began. Whole minutes: those that the range touches count in full. A label known only 60 s after the end of a minute comes too late for it.',
      exclusions: [{ reason: 'Left out (no import covers them)', n: bins.count - observed }],
    };
  },
};
