/** Does the name asked of the DNS agree with the name given to the server? An accuracy check where both are seen. */
import { getDomain } from 'tldts';
import { type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';

export const agreement: Recipe = {
  id: 'agreement',
  title: 'DNS against SNI',
  question: 'Does the DNS name agree with the SNI?',
  unit: 'flows',
  queries: ['agreement'],
  nothing: {
    finding: 'No flow of this scope has both a DNS name and an SNI, so they cannot be compared.',
    hint: 'Capture where both the DNS and the TLS of the same clients pass.',
  },
  make: (results, context) => {
    const pairs = results('agreement').map((row) => ({
      sni: textOf(row, 'sni'),
      dns_name: textOf(row, 'asked_name'),
      flows: numberOf(row, 'flow_total'),
    }));
    const first = results('agreement')[0];
    if (first === undefined) return undefined;
    const all = numberOf(first, 'all_flows');
    const equal = numberOf(first, 'equal_flows');
    const different = pairs.filter(({ sni, dns_name }) => sni !== dns_name);
    const compared = equal + sumOf(different, ({ flows }) => flows);
    const foreign = different.filter(
      ({ sni, dns_name }) => (getDomain(sni) ?? sni) !== (getDomain(dns_name) ?? dns_name),
    );
    const near = equal + sumOf(different, ({ flows }) => flows) - sumOf(foreign, ({ flows }) => flows);
    const row = (agrees: string, flows: number) => ({ agreement: agrees, flows, share: shareOf(flows, compared) });
    return {
      finding: `The DNS name equals the SNI in ${formatValue('share', shareOf(equal, compared))} of the flows of ${subjectOf(context)} that have both and shares its registrable domain in ${formatValue('share', shareOf(near, compared))}, out of ${counted(compared, 'flow')}.`,
      tables: [
        cardTable(
          'Agreement',
          [
            textColumn('agreement', 'Agreement', 'How the two names compare.'),
            countColumn('flows', 'Flows', 'flows', 'Eligible flows with both names.'),
            shareColumn('share', 'Share', 'Share of the flows that were compared.'),
          ],
          [
            row('same name', equal),
            row('same registrable domain, same name included', near),
            row('another domain', compared - near),
            row('compared', compared),
          ],
        ),
        cardTable(
          'Most frequent pairs of different domains',
          [
            textColumn('sni', 'SNI', 'Name given to the server.'),
            textColumn('dns_name', 'DNS name', 'Name asked of the DNS.'),
            countColumn('flows', 'Flows', 'flows', 'Flows with this pair.'),
          ],
          foreign.slice(0, context.options.top!),
        ),
      ],
      n: compared,
      method: `${eligibleMethod} Compared are flows with an SNI that is not an outer one and a DNS name from an answer to the same client, however old. Registrable domains are by the public suffix list; an alias (CNAME) is not followed, for the question name is what the client meant.`,
      exclusions: [{ reason: 'Left out (pairs beyond the 20,000 most frequent)', n: all - compared }],
    };
  },
};
