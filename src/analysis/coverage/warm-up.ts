/** How the hit rate grows from the start of an import: answers given before it were not seen. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { formatValue } from '../format.ts';
import { numberOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';

const phases: Readonly<Record<number, string>> = {
  0: 'in the first minute',
  1: 'in minutes 2 to 5',
  5: 'in minutes 6 to 15',
  15: 'in minutes 16 to 60',
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
      const dnsFlows = numberOf(row, 'dns_total');
      const namedFlows = numberOf(row, 'named_total');
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
              'Minutes of the clock, from the one that has the first packet of the import.',
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
      method: `${eligibleMethod} Minutes are those of the clock, and the first is the one in which the import begins. An answer that passed before the capture began names no flow, so the hit rate grows while clients ask again; judge the DNS by the later rows. Captures that continue one another as one stream do not start anew.`,
      exclusions: [],
    };
  },
};
