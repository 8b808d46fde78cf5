/** How far away the servers are in time: the least RTT of each, and the steps of its distribution. */
import { Random } from '../../kit/random.ts';
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, distanceColumn, durationColumn, shareColumn, textColumn } from '../card.ts';
import { describeEcdfs, ecdfOf, quantileMethod } from '../ecdf.ts';
import { MOST_SERIES } from '../figures/figure.ts';
import { formatValue } from '../format.ts';
import { RESAMPLES } from '../statistics/bootstrap.ts';
import { findSureModes, type ModeRule, type SureMode } from '../statistics/modes.ts';
import { type LeastRtts, leastRttsOf } from './least-rtts.ts';
import { KM_PER_RTT_US } from './places.ts';

const ALL = 'all classes';

/** Steps closer than 3 ms are one: so much may paths to one building differ. */
const rule: ModeRule = { bandwidth: 1000, apart: 3000, leastMass: 0.05 };

const toRow = (name: string, step: SureMode) => ({
  class: name,
  position_us: step.position,
  position_low_us: step.positionInterval.low,
  position_high_us: step.positionInterval.high,
  width_us: step.width,
  mass: step.mass,
  mass_low: step.massInterval.low,
  mass_high: step.massInterval.high,
  found: step.found,
  farthest_km: step.position * KM_PER_RTT_US,
});

const columns = [
  textColumn('class', 'Class', 'Class of the flows to the servers.'),
  durationColumn('position_us', 'Step at', 'Median of the least RTTs in the step.'),
  durationColumn('position_low_us', 'From', 'Lower end of the 95 % interval of that.'),
  durationColumn('position_high_us', 'To', 'Upper end of it.'),
  durationColumn('width_us', 'Width', 'From the 10 % to the 90 % quantile of the least RTTs in the step.'),
  shareColumn('mass', 'Servers', 'Share of the servers that are in the step.'),
  shareColumn('mass_low', 'At least', 'Lower end of the 95 % interval of that.'),
  shareColumn('mass_high', 'At most', 'Upper end of it.'),
  shareColumn('found', 'Found', 'Share of the resamples that have a step there.'),
  distanceColumn('farthest_km', 'Not farther than', 'Distance that light in fibre goes there and back in that time.'),
];

export const rtt: Recipe = {
  id: 'rtt',
  title: 'Distance in time',
  question: 'How far away are the servers, and in how many places?',
  unit: 'addresses',
  queries: ['rtt'],
  nothing: {
    finding: 'No server of this scope has an RTT from enough handshakes.',
    hint: 'Import captures with whole TCP handshakes, or ask for fewer: --least-flows 1',
  },
  make: (results, context) => {
    const rows = results('rtt');
    const [all] = leastRttsOf(rows, 'all');
    if (all === undefined || all.n === 0) return undefined;
    const classes = leastRttsOf(rows, 'class').filter(({ n }) => n > 0);
    const groups: readonly LeastRtts[] = [
      { ...all, name: ALL },
      ...classes.map((group) => ({ ...group, name: classLabel(group.name) })).slice(0, MOST_SERIES - 1),
    ];
    const steps = groups.flatMap(({ name, counts }, i) =>
      // The seed is fixed: the same data give the same card.
      findSureModes(counts, rule, new Random(i)).map((step) => toRow(name, step)),
    );
    const found = steps
      .filter((step) => step.class === ALL)
      .sort((a, b) => b.mass - a.mass)
      .slice(0, 4)
      .map(({ position_us, mass }) => `${formatValue('duration_us', position_us)} (${formatValue('share', mass)})`);
    const places = found.length < 2 ? found.join('') : `${found.slice(0, -1).join(', ')} and ${found.at(-1)}`;
    return {
      finding:
        found.length === 0
          ? `The least RTTs of the servers of ${subjectOf(context)} gather nowhere.`
          : `The least RTTs of the servers of ${subjectOf(context)} gather at ${places}.`,
      ...withSteps(
        steps,
        describeEcdfs(
          groups.map(({ name, counts }) => ecdfOf(name, counts)),
          {
            series: columns[0]!,
            label: (name) => name,
            kind: 'duration_us',
            title: 'Least RTT between vantage and a server',
            counts: 'addresses',
            axis: 'linear',
          },
        ),
      ),
      n: all.n,
      method: `Of each server address the least RTT at the vantage, from SYN to SYN/ACK or as QUIC shows it, over all of its flows in the range, to a tenth of a millisecond; an address counts once, however many flows it has. Steps are the peaks of a density with a Gaussian kernel of 1 ms; peaks closer than 3 ms, or without a valley of half the lower one between them, are one; those with less than 5 % of the servers are none. Intervals from ${RESAMPLES} resamples of the servers. Light in fibre goes 200 km a millisecond, which bounds the distance and does not tell it. Where a gateway answers for the servers, these are RTTs to the gateway: see the card on gateways. ${quantileMethod}`,
      exclusions: [{ reason: 'Left out (too few handshakes for a least RTT, or an RTT over 10 s)', n: all.leftOut }],
    };
  },
};

const withSteps = (
  steps: readonly ReturnType<typeof toRow>[],
  { tables, figure }: ReturnType<typeof describeEcdfs>,
) => ({ tables: [cardTable('Steps', columns, steps), ...tables], figure });
