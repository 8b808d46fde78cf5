/** How long after its client's DNS answer a flow begins. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { textColumn } from '../card.ts';
import { describeEcdfs, quantileMethod, quantileOf, toEcdfs } from '../ecdf.ts';
import { counted, formatValue } from '../format.ts';
import { sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';

const standings: Readonly<Record<string, string>> = { valid: 'within its TTL', expired: 'expired' };

export const delay: Recipe = {
  id: 'delay',
  title: 'From DNS answer to flow',
  question: 'How long after its DNS answer does a flow begin?',
  unit: 'flows',
  queries: ['delay'],
  nothing: {
    finding: 'No flow of this scope was preceded by a DNS answer to its own client.',
    hint: 'Capture where the DNS of the clients passes too, unencrypted; names then come from the DNS as well as from TLS.',
  },
  make: (results, context) => {
    const curves = toEcdfs(results('delay'));
    const [main] = curves;
    if (main === undefined) return undefined;
    return {
      finding: `Half of the flows of ${subjectOf(context)} whose DNS answer is ${standings[main.name]!} begin at most ${formatValue('duration_us', quantileOf(main, 500))} after it, nine in ten at most ${formatValue('duration_us', quantileOf(main, 900))}, out of ${counted(main.n, 'flow')}.`,
      ...describeEcdfs(curves, {
        series: textColumn('answer', 'DNS answer', 'How the answer stood at the first packet of the flow.'),
        label: (name) => standings[name] ?? name,
        kind: 'duration_us',
        title: 'Time from DNS answer to first packet',
      }),
      n: sumOf(curves, ({ n }) => n),
      method: `${eligibleMethod} Time from the latest answer to this client that held this server to the first packet of the flow, however old. ${quantileMethod}`,
      exclusions: [],
    };
  },
};
