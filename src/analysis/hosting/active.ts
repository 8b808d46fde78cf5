/** How many servers are active at a time, by class. */
import { HOUR } from '../../kit/time.ts';
import { type Context, classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { type Bins, measuredBins } from '../bins.ts';
import { cardTable, countColumn, detailTable, durationColumn, textColumn, timeColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, type Row, textOf } from '../query.ts';
import { activeFigure } from './figure.ts';
import { noServers } from './servers.ts';

const ALL = 'all classes';

const queryFor = ({ bins }: Context): string => (bins.widthUs % HOUR === 0 ? 'active-hours' : 'active');

/** A value a bin; null where nothing was measured. */
const activeInBins = (rows: readonly Row[], measured: readonly boolean[]): readonly (number | null)[] => {
  const active = new Map(rows.map((row) => [numberOf(row, 'bin'), numberOf(row, 'addresses')]));
  // A flow that spans two imports proves its server active in between.
  return measured.map((seen, bin) => active.get(bin) ?? (seen ? 0 : null));
};

const summarise = (values: readonly (number | null)[], bins: Bins) => {
  const seen = values.flatMap((value, bin) => (value === null ? [] : [{ value, bin }]));
  const peak = seen.reduce((most, cell) => (cell.value > most.value ? cell : most));
  return {
    least: seen.reduce((least, { value }) => Math.min(least, value), peak.value),
    peak: peak.value,
    peak_at: bins.originUs + peak.bin * bins.widthUs,
    bin_us: bins.widthUs,
  };
};

export const active: Recipe = {
  id: 'active',
  title: 'Active servers',
  question: 'How many servers are active at a time?',
  unit: 'bins',
  queries: ['active', 'active-hours'],
  asks: (query, context) => query === queryFor(context),
  nothing: noServers,
  make: (results, context) => {
    const { bins, imported, timezone } = context;
    const rows = results(queryFor(context));
    if (rows.length === 0) return undefined;
    const measured = measuredBins(bins, imported);
    const all = rows.filter((row) => textOf(row, 'level') === 'all');
    const byClass = rows.filter((row) => textOf(row, 'level') === 'class');
    const names = [...new Set(byClass.map((row) => textOf(row, 'class_name')))];
    const series = [
      { name: ALL, values: activeInBins(all, measured) },
      ...names
        .map((name) => ({
          name: classLabel(name),
          values: activeInBins(
            byClass.filter((row) => textOf(row, 'class_name') === name),
            measured,
          ),
        }))
        .sort((a, b) => summarise(b.values, bins).peak - summarise(a.values, bins).peak),
    ];
    const summaries = series.map(({ name, values }) => ({ class: name, ...summarise(values, bins) }));
    const total = summaries[0]!;
    const observed = series[0]!.values.filter((value) => value !== null).length;
    return {
      finding: `${total.least === total.peak ? '' : `Between ${formatValue('count', total.least)} and `}${counted(total.peak, 'address', 'addresses')} of ${subjectOf(context)} ${total.peak === 1 ? 'is' : 'are'} active at a time, in bins of ${formatValue('duration_us', bins.widthUs)}; most at ${formatValue('time', total.peak_at, timezone)}.`,
      tables: [
        cardTable(
          'Active addresses',
          [
            textColumn('class', 'Class', 'Class of the flows.'),
            countColumn('least', 'Least', 'addresses', 'Addresses active in the emptiest bin that was measured.'),
            countColumn('peak', 'Peak', 'addresses', 'Addresses active in the fullest bin.'),
            timeColumn('peak_at', 'Peak at', 'Start of the first such bin.'),
            durationColumn('bin_us', 'Bin', 'Width of a bin.'),
          ],
          summaries,
        ),
        detailTable(
          'Active addresses over time',
          [
            timeColumn('bin_at', 'From', 'Start of the bin.'),
            textColumn('class', 'Class', 'Class of the flows.'),
            countColumn(
              'addresses',
              'Active',
              'addresses',
              'Distinct server addresses with a flow that overlaps the bin.',
            ),
          ],
          series.flatMap(({ name, values }) =>
            values.flatMap((value, bin) =>
              value === null ? [] : [{ bin_at: bins.originUs + bin * bins.widthUs, class: name, addresses: value }],
            ),
          ),
        ),
      ],
      figure: activeFigure(series, bins, timezone),
      n: observed,
      method:
        'An address is active in a bin if one of its flows overlaps it, from first to last packet, silence in between included. Flows that began before the range count inside it. The first and the last bin may be measured in part only. Distinct addresses do not add up over classes.',
      exclusions: [{ reason: 'Left out (no import covers them)', n: bins.count - observed }],
    };
  },
};
