/** The heaviest names that no rule owns, by registrable domain: the work list of who writes rules. */
import { getDomain } from 'tldts';
import type { Recipe } from '../analysis.ts';
import { bytesColumn, cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';
import { volumeFigure } from './figure.ts';

export const unowned: Recipe = {
  id: 'unowned',
  title: 'Names without an owner',
  question: 'Which heavy names does no rule own?',
  unit: 'flows',
  queries: ['unowned'],
  allTraffic: true,
  nothing: {
    finding: 'Every name that was seen in the range belongs to a service, or no name was seen at all.',
    hint: 'The card on evidence says which: sonde show coverage',
  },
  make: (results, { options }) => {
    const rows = results('unowned');
    const first = rows[0];
    if (first === undefined) return undefined;
    const eligibleBytes = numberOf(first, 'eligible_bytes');
    const unownedFlows = numberOf(first, 'unowned_flows');
    const domains = new Map<string, { names: number; heaviest: string; flows: number; bytes: number }>();
    for (const row of rows) {
      const name = textOf(row, 'unowned_name');
      const domain = getDomain(name) ?? name;
      // The rows come heaviest first, so the first name of a domain is its heaviest.
      const sofar = domains.get(domain) ?? { names: 0, heaviest: name, flows: 0, bytes: 0 };
      domains.set(domain, {
        names: sofar.names + 1,
        heaviest: sofar.heaviest,
        flows: sofar.flows + numberOf(row, 'flow_total'),
        bytes: sofar.bytes + numberOf(row, 'byte_total'),
      });
    }
    const ranked = [...domains]
      .map(([domain, sums]) => ({ domain, ...sums, byte_share: shareOf(sums.bytes, eligibleBytes) }))
      .sort((a, b) => b.bytes - a.bytes || b.flows - a.flows || (a.domain < b.domain ? -1 : 1));
    const shown = ranked.slice(0, options.top!);
    const heaviest = shown[0]!;
    return {
      finding: `The heaviest domain that no rule owns is ${formatValue('text', heaviest.domain)} with ${formatValue('bytes', heaviest.bytes)} in ${counted(heaviest.flows, 'flow')}, ${formatValue('share', heaviest.byte_share)} of all bytes.`,
      tables: [
        cardTable(
          'Heaviest domains without an owner',
          [
            textColumn(
              'domain',
              'Domain',
              'Registrable domain by the public suffix list; the name itself where it has none.',
            ),
            countColumn('names', 'Names', 'names', 'Distinct names under it.'),
            textColumn('heaviest', 'Heaviest name', 'The one of them with most bytes.'),
            countColumn('flows', 'Flows', 'flows', 'Eligible flows under these names that no service owns.'),
            bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.'),
            shareColumn('byte_share', 'Of bytes', 'Share of the bytes of all eligible flows.'),
          ],
          shown,
        ),
      ],
      figure: volumeFigure(
        'IP bytes of flows that no rule owns',
        shown.map(({ domain, bytes }) => ({ name: domain, bytes })),
      ),
      n: unownedFlows,
      method: `${eligibleMethod} All traffic of the range. Names are put together by registrable domain (public suffix list).`,
      exclusions: [
        { reason: 'Not listed (lighter domains)', n: sumOf(ranked.slice(options.top!), ({ flows }) => flows) },
        {
          reason: 'Not listed (names beyond the 20,000 heaviest)',
          n: unownedFlows - sumOf(ranked, ({ flows }) => flows),
        },
      ],
    };
  },
};
