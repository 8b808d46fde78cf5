/** How many servers are active at a time, by class. */
import { DAY, HOUR } from '../../kit/time.ts';
import { type Context, classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { type Bins, innerBins, measuredBins } from '../bins.ts';
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

/** Sum of the addresses of the rows whose bin is as asked. */
const countWhere = (rows: readonly Row[], isMeant: (bin: number) => boolean): number =>
  rows.reduce((sum, row) => (isMeant(numberOf(row, 'bin')) ? sum + numberOf(row, 'addresses') : sum), 0);

const summarise = (values: readonly (number | null)[], isInner: readonly boolean[], bins: Bins) => {
  const seen = values.flatMap((value, bin) => (value === null ? [] : [{ value, bin }]));
  const peak = seen.reduce((most, cell) => (cell.value > most.value ? cell : most));
  return {
    least: (isInner.includes(true) ? seen.filter(({ bin }) => isInner[bin]) : seen).reduce(
      (least, { value }) => Math.min(least, value),
      peak.value,
    ),
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
    // Without imports it is not known which bins were measured.
    const isInner = innerBins(measured);
    const inner = imported.length === 0 ? 0 : isInner.filter(Boolean).length;
    const graceUs = Math.min(DAY, (bins.count * bins.widthUs) / 4);
    const graceBins = graceUs / bins.widthUs;
    const toSeries = (level: string, className: string, name: string) => {
      const of = (kind: string) =>
        rows.filter(
          (row) =>
            textOf(row, 'kind') === kind && textOf(row, 'level') === level && textOf(row, 'class_name') === className,
        );
      const values = activeInBins(of('active'), measured);
      return {
        name,
        values,
        summary: {
          class: name,
          ...summarise(values, isInner, bins),
          addresses: countWhere(of('first'), () => true),
          always_on: inner === 0 ? null : countWhere(of('inner'), (bin) => bin === inner),
          born: countWhere(of('first'), (bin) => bin >= graceBins),
          gone: countWhere(of('last'), (bin) => bin + 1 <= bins.count - graceBins),
        },
      };
    };
    const classNames = [
      ...new Set(rows.flatMap((row) => (textOf(row, 'level') === 'class' ? [textOf(row, 'class_name')] : []))),
    ];
    const series = [
      toSeries('all', '', ALL),
      ...classNames
        .map((name) => toSeries('class', name, classLabel(name)))
        .sort((a, b) => b.summary.peak - a.summary.peak),
    ];
    const summaries = series.map(({ summary }) => summary);
    const total = summaries[0]!;
    const observed = series[0]!.values.filter((value) => value !== null).length;
    return {
      finding: `${total.least === total.peak ? '' : `Between ${formatValue('count', total.least)} and `}${counted(total.peak, 'address', 'addresses')} of ${subjectOf(context)} ${total.peak === 1 ? 'is' : 'are'} active at a time, in bins of ${formatValue('duration_us', bins.widthUs)}; most at ${formatValue('time', total.peak_at, timezone)}.${total.always_on === null ? '' : ` Always on: ${counted(total.always_on, 'address', 'addresses')}.`}`,
      tables: [
        cardTable(
          'Active addresses',
          [
            textColumn('class', 'Class', 'Class of the flows.'),
            countColumn(
              'least',
              'Least',
              'addresses',
              'Addresses active in the emptiest bin, of those that count for always on if there are any.',
            ),
            countColumn('peak', 'Peak', 'addresses', 'Addresses active in the fullest bin.'),
            timeColumn('peak_at', 'Peak at', 'Start of the first such bin.'),
            durationColumn('bin_us', 'Bin', 'Width of a bin.'),
            countColumn('addresses', 'In all', 'addresses', 'Distinct addresses active at any time.'),
            countColumn(
              'always_on',
              'Always on',
              'addresses',
              'Those active in every bin that was measured together with both of its neighbours; empty if there is none.',
            ),
            countColumn(
              'born',
              'New',
              'addresses',
              'Those first active a day, or a quarter of the range, after its start.',
            ),
            countColumn('gone', 'Gone', 'addresses', 'Those last active as long before its end.'),
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
      method: `An address is active in a bin if one of its flows overlaps it, from first to last packet, silence in between included. Flows that began before the range count inside it. The first and the last bin may be measured in part only. Always on is who is active in each of ${formatValue('count', inner)} bins that were measured together with the bin before and the one after. New is who is first active ${formatValue('duration_us', graceUs)} after the start of the range or later, gone who is last active as long before its end. Distinct addresses do not add up over classes.`,
      exclusions: [{ reason: 'Left out (no import covers them)', n: bins.count - observed }],
    };
  },
};
