/** In which address blocks the servers lie. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { asnColumn, cardTable, countColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, numberOrNull, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { serverByteShare, serverBytes } from './servers.ts';

export const prefixes: Recipe = {
  id: 'prefixes',
  title: 'Address blocks',
  question: 'In which address blocks do the servers lie?',
  unit: 'flows',
  queries: ['prefixes'],
  nothing: {
    finding: 'The database of address blocks knows no server of this scope.',
    hint: 'Give a database of networks with the import: sonde import --as-database CSV PATH',
  },
  make: (results, context) => {
    const rows = results('prefixes');
    const listed = rows.filter((row) => textOf(row, 'server_prefix') !== '');
    const first = listed[0];
    if (first === undefined) return undefined;
    const blocks = numberOf(first, 'block_total');
    const allBytes = numberOf(first, 'all_bytes');
    const allFlows = numberOf(first, 'all_flows');
    const unknownFlows = sumOf(rows, (row) => (textOf(row, 'server_prefix') === '' ? numberOf(row, 'flow_total') : 0));
    const shown = listed.map((row) => ({
      prefix: textOf(row, 'server_prefix'),
      asn: numberOrNull(row, 'asn'),
      org: textOf(row, 'org'),
      country: textOf(row, 'country'),
      addresses: numberOf(row, 'addresses'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
      byte_share: shareOf(numberOf(row, 'byte_total'), allBytes),
    }));
    const n = allFlows - unknownFlows;
    return {
      finding: `Servers of ${subjectOf(context)} lie in ${counted(blocks, 'address block')}; ${formatValue('text', shown[0]!.prefix)} carries most, ${formatValue('share', shown[0]!.byte_share)} of the bytes.`,
      tables: [
        cardTable(
          'All blocks',
          [
            countColumn('blocks', 'Blocks', 'blocks', 'Distinct address blocks with servers.'),
            countColumn('flows', 'Flows', 'flows', 'Flows to servers in these blocks.'),
          ],
          [{ blocks, flows: n }],
        ),
        cardTable(
          'Heaviest blocks',
          [
            textColumn('prefix', 'Block', 'Address block of the database entry that holds the servers.'),
            asnColumn('asn', 'AS', 'Autonomous system that carries most of its bytes.'),
            textColumn('org', 'Organisation', 'Organisation of the autonomous system.'),
            textColumn('country', 'Country', 'Country of registration that carries most of its bytes, ISO 3166.'),
            countColumn('addresses', 'Addresses', 'addresses', 'Distinct server addresses seen in it.'),
            countColumn('flows', 'Flows', 'flows', 'Flows to them.'),
            serverBytes,
            serverByteShare,
          ],
          shown,
        ),
      ],
      n,
      method:
        'A block is the entry of the dated database that holds the address; it may be larger or smaller than what is announced in BGP today.',
      exclusions: [
        { reason: 'Left out (to servers in no block of the database)', n: unknownFlows },
        { reason: 'Not listed (to servers in lighter blocks)', n: n - sumOf(shown, ({ flows }) => flows) },
      ],
    };
  },
};
