/** How long flows last, by class. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { textColumn } from '../card.ts';
import { describeEcdfs, quantileMethod, toEcdfs } from '../ecdf.ts';
import { numberOf } from '../query.ts';
import { sumOf } from '../sums.ts';
import { halfOf } from './half-of.ts';

export const durations: Recipe = {
  id: 'durations',
  title: 'Flow duration',
  question: 'How long do the flows last?',
  unit: 'flows',
  queries: ['durations', 'censored'],
  nothing: {
    finding: 'No flow of this scope ended while it was watched, so no duration is whole.',
    hint: 'Import a longer capture, or captures that continue one another as one stream: sonde import --continue --finish PATH...',
  },
  make: (results, context) => {
    const curves = toEcdfs(results('durations'));
    if (curves.length === 0) return undefined;
    const censored = results('censored')[0]!;
    return {
      finding: halfOf(subjectOf(context), curves, 'duration_us', 'last at most'),
      ...describeEcdfs(curves, {
        series: textColumn('class', 'Class', 'Class of the flows.'),
        label: classLabel,
        kind: 'duration_us',
        title: 'Time from first to last packet of a flow',
      }),
      n: sumOf(curves, ({ n }) => n),
      method: `From the first to the last packet, silence in between included; a flow of one packet lasts 0 µs and stands at the left edge of the figure. A flow that was open before the capture began counts from its first packet seen, so its duration is a lower bound. ${quantileMethod}`,
      exclusions: [
        {
          reason: 'Left out (still open at the end of the capture)',
          n: numberOf(censored, 'open_at_end'),
        },
        {
          reason: 'Left out (cut by the flow table: time-out while active, or eviction)',
          n: numberOf(censored, 'cut_short'),
        },
        { reason: 'Left out (without an end)', n: numberOf(censored, 'without_end') },
      ],
    };
  },
};
