/** How many names a server had for its client: where there are several, the latest one is a guess. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { bytesColumn, cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';

export const ambiguity: Recipe = {
  id: 'ambiguity',
  title: 'Ambiguous names',
  question: 'How often does the DNS leave several names to choose from?',
  unit: 'flows',
  queries: ['ambiguity'],
  nothing: {
    finding: 'No flow of this scope has a DNS name, so none can be ambiguous.',
    hint: 'Capture where the DNS of the clients passes too, unencrypted.',
  },
  make: (results, context) => {
    const cells = results('ambiguity').map((row) => ({
      candidates: numberOf(row, 'candidates'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
    }));
    const all = sumOf(cells, ({ flows }) => flows);
    if (all === 0) return undefined;
    const several = cells.filter(({ candidates }) => candidates > 1);
    const row = (names: string, selected: typeof cells) => {
      const flows = sumOf(selected, (cell) => cell.flows);
      return { names, flows, share: shareOf(flows, all), bytes: sumOf(selected, (cell) => cell.bytes) };
    };
    return {
      finding: `${formatValue(
        'share',
        shareOf(
          sumOf(several, ({ flows }) => flows),
          all,
        ),
      )} of the flows of ${subjectOf(context)} with a DNS name had more than one to choose from, out of ${counted(all, 'flow')}.`,
      tables: [
        cardTable(
          'Candidate names',
          [
            textColumn(
              'names',
              'Names',
              'Distinct names that had answered this server to this client before the flow.',
            ),
            countColumn('flows', 'Flows', 'flows', 'Eligible flows with a DNS name.'),
            shareColumn('share', 'Share', 'Share of them.'),
            bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.'),
          ],
          [
            ...cells.map((cell) => row(cell.candidates === 5 ? '5 or more' : String(cell.candidates), [cell])),
            row('more than one', several),
            row('all', cells),
          ],
        ),
      ],
      n: all,
      method: `${eligibleMethod} Several names on one address are no error: shared hosting looks so. The latest answer wins; where an SNI is seen too, it decides.`,
      exclusions: [],
    };
  },
};
