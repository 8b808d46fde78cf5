/** Which autonomous systems hold the servers, and in how many networks. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { asnColumn, cardTable, countColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, numberOrNull, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { networksFigure } from './figure.ts';
import { noServers, serverByteShare, serverBytes } from './servers.ts';

const counts = [
  countColumn('addresses', 'Addresses', 'addresses', 'Distinct server addresses.'),
  countColumn('answering', 'Answering', 'addresses', 'Those that sent at least one packet back.'),
  countColumn('nets_24', '/24', 'networks', 'Distinct /24 networks with IPv4 servers.'),
  countColumn('nets_16', '/16', 'networks', 'Distinct /16 networks with IPv4 servers.'),
  countColumn('nets_8', '/8', 'networks', 'Distinct /8 networks with IPv4 servers.'),
  countColumn('nets_48', '/48 (IPv6)', 'networks', 'Distinct /48 networks with IPv6 servers.'),
  countColumn('flows', 'Flows', 'flows', 'Flows to these servers.'),
  serverBytes,
];

export const networks: Recipe = {
  id: 'networks',
  title: 'Autonomous systems',
  question: 'Who hosts the servers?',
  unit: 'addresses',
  queries: ['networks'],
  nothing: noServers,
  make: (results, context) => {
    const all = results('networks').find((row) => textOf(row, 'level') === 'all');
    if (all === undefined) return undefined;
    const allBytes = numberOf(all, 'byte_total');
    const toCounts = (row: typeof all) => ({
      addresses: numberOf(row, 'addresses'),
      answering: numberOf(row, 'answering'),
      nets_24: numberOf(row, 'nets_24'),
      nets_16: numberOf(row, 'nets_16'),
      nets_8: numberOf(row, 'nets_8'),
      nets_48: numberOf(row, 'nets_48'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
    });
    const rows = results('networks')
      .filter((row) => textOf(row, 'level') === 'as')
      .map((row) => ({
        asn: numberOrNull(row, 'asn'),
        org: textOf(row, 'org'),
        country: textOf(row, 'heaviest_country'),
        countries: numberOf(row, 'countries'),
        ...toCounts(row),
        byte_share: shareOf(numberOf(row, 'byte_total'), allBytes),
      }));
    const known = rows.filter(({ asn }) => asn !== null);
    const total = { systems: new Set(known.map(({ asn }) => asn)).size, ...toCounts(all) };
    const [heaviest] = known;
    const start = `Servers of ${subjectOf(context)} were seen at ${counted(total.addresses, 'address', 'addresses')} in ${counted(total.systems, 'autonomous system')}`;
    return {
      finding:
        heaviest === undefined
          ? `${start}: the database knows none of them.`
          : `${start}; ${formatValue('asn', heaviest.asn)}${heaviest.org === '' ? '' : ` ${formatValue('text', heaviest.org)}`} holds ${counted(heaviest.addresses, 'of them', 'of them')} and carries ${formatValue('share', heaviest.byte_share)} of the bytes.`,
      tables: [
        cardTable(
          'All servers',
          [countColumn('systems', 'AS', 'autonomous systems', 'Distinct autonomous systems.'), ...counts],
          [total],
        ),
        cardTable(
          'By autonomous system',
          [
            asnColumn(
              'asn',
              'AS',
              'Autonomous system that announced the address at the time of the flow; empty if the database has none.',
            ),
            textColumn('org', 'Organisation', 'Organisation of the autonomous system.'),
            textColumn('country', 'Country', 'Country of registration of its heaviest address, ISO 3166.'),
            countColumn('countries', 'Countries', 'countries', 'Distinct countries of registration of its addresses.'),
            ...counts,
            serverByteShare,
          ],
          rows,
        ),
      ],
      figure: networksFigure(rows),
      n: total.addresses,
      method:
        'Counts of what was seen here, not of what the operator of an autonomous system announces. The system and the country are those of the dated database at the time of the flow; a country of registration is not a place. A server address inside the local nets is a pseudonym.',
      exclusions: [
        {
          reason: 'Counted, though the database has no entry for them (local, unannounced, or no database)',
          n: sumOf(
            rows.filter(({ asn }) => asn === null),
            ({ addresses }) => addresses,
          ),
        },
      ],
    };
  },
};
