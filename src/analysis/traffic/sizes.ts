/** How large flows are, by class. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { textColumn } from '../card.ts';
import { describeEcdfs, quantileMethod, toEcdfs } from '../ecdf.ts';
import { numberOf } from '../query.ts';
import { sumOf } from '../sums.ts';
import { halfOf } from './half-of.ts';

export const sizes: Recipe = {
  id: 'sizes',
  title: 'Flow size',
  question: 'How large are the flows?',
  unit: 'flows',
  queries: ['sizes', 'censored'],
  nothing: {
    finding: 'No flow of this scope has byte counts.',
    hint: 'Import a capture, or records that carry bytes: sonde import PATH',
  },
  make: (results, context) => {
    const curves = toEcdfs(results('sizes'));
    if (curves.length === 0) return undefined;
    const censored = results('censored')[0]!;
    return {
      finding: halfOf(subjectOf(context), curves, 'bytes', 'carry at most'),
      ...describeEcdfs(curves, {
        series: textColumn('class', 'Class', 'Class of the flows.'),
        label: classLabel,
        kind: 'bytes',
        title: 'IP bytes of a flow, both directions',
      }),
      n: sumOf(curves, ({ n }) => n),
      method: `IP bytes, up and down together: headers and retransmissions included. A flow that the capture cuts at its start or end counts with the bytes seen, so its size is a lower bound. ${quantileMethod}`,
      exclusions: [
        { reason: 'Left out (without byte counts)', n: numberOf(censored, 'unmeasured') },
        { reason: 'Counted, though still open at the end of the capture', n: numberOf(censored, 'open_at_end') },
      ],
    };
  },
};
