/** How the hit rate grows from the start of an import: answers given before it were not seen. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { formatValue } from '../format.ts';
import { numberOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';

const phases: Readonly<Record<number, string>> = {
  0: 'in the first minute',
  1: 'after 1 to 5 minutes',
  5: 'after 5 to 15 minutes',
  15: 'after 15 to 60 minutes',
  60: 'after an hour',
};

export const warmUp: Recipe = {
  id: 'warm-up',
  title: 'Warm-up',
  question: 'How long until the names are known?',
  unit: 'flows',
  queries: ['warm-up'],
  nothing: {
    finding: 'The range holds no TCP or UDP flow other than DNS, so there is nothing to name.',
    hint: 'Import a capture with traffic of users: sonde import PATH',
  },
  make: (results, context) => {
    const rows = results('warm-up').map((row) => {
      const flows = numberOf(row, 'flow_total');
      const dnsFlows = numberOf(row, 'dns_flows');
      const namedFlows = numberOf(row, 'named_flows');
      return {
        phase: phases[numberOf(row, 'from_minute')]!,
        flows,
        dns_flows: dnsFlows,
        dns_share: shareOf(dnsFlows, flows),
        named_flows: namedFlows,
        named_share: shareOf(namedFlows, flows),
      };
    });
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const start = `${formatValue('share', first.dns_share)} of the flows of ${subjectOf(context)} that begin ${first.phase} of their import have a DNS name`;
    return {
      finding: first === last ? `${start}.` : `${start}; ${last.phase} it is ${formatValue('share', last.dns_share)}.`,
      tables: [
        cardTable(
          'Hit rate by time since the start of the import',
          [
            textColumn(
              'phase',
              'Flow begins',
              'Time from the first packet of the import to the first packet of the flow.',
            ),
            countColumn('flows', 'Flows', 'flows', 'Eligible flows.'),
            countColumn(
              'dns_flows',
              'With DNS name',
              'flows',
              'Those with a name from an answer to their own client, however old.',
            ),
            shareColumn('dns_share', 'Share', 'Their share.'),
            countColumn('named_flows', 'With any name', 'flows', 'Those with a name to use, from any source.'),
            shareColumn('named_share', 'Share', 'Their share.'),
          ],
          rows,
        ),
      ],
      n: sumOf(rows, ({ flows }) => flows),
      method: `${eligibleMethod} An answer that passed before the capture began names no flow, so the hit rate grows while clients ask again; judge the DNS by the later rows. Captures that continue one another as one stream do not start anew.`,
      exclusions: [],
    };
  },
};
