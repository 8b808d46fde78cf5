/** Which autonomous systems hold the servers, and in how many networks. */
import { type AnnouncedSpaces, type Recipe, subjectOf } from '../analysis.ts';
import { asnColumn, type CardTable, cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, numberOrNull, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { networksFigure } from './figure.ts';
import { noServers, serverByteShare, serverBytes } from './servers.ts';

const counts = [
  countColumn('addresses', 'Addresses', 'addresses', 'Distinct server addresses.'),
  countColumn('ipv4_addresses', 'IPv4', 'addresses', 'Those of them that are IPv4.'),
  countColumn('answering', 'Answering', 'addresses', 'Those that sent at least one packet back.'),
  countColumn('nets_24', '/24', 'networks', 'Distinct /24 networks with IPv4 servers.'),
  countColumn('nets_16', '/16', 'networks', 'Distinct /16 networks with IPv4 servers.'),
  countColumn('nets_8', '/8', 'networks', 'Distinct /8 networks with IPv4 servers.'),
  countColumn('nets_48', '/48 (IPv6)', 'networks', 'Distinct /48 networks with IPv6 servers.'),
  countColumn('flows', 'Flows', 'flows', 'Flows to these servers.'),
  serverBytes,
];

/** What the systems announce beside what was seen of it; nothing without a database. */
const announcedTables = (
  rows: readonly { readonly asn: number | null; readonly org: string; readonly ipv4_addresses: number }[],
  announced: AnnouncedSpaces | undefined,
): readonly CardTable[] => {
  if (announced === undefined) return [];
  const known = rows.flatMap(({ asn, org, ipv4_addresses: seen }) => {
    const space = asn === null ? undefined : announced.ofSystem(asn);
    if (space === undefined) return [];
    return [
      {
        asn,
        org,
        announced: space.addresses,
        announced_24: space.nets24,
        announced_16: space.nets16,
        announced_8: space.nets8,
        ipv4_addresses: seen,
        seen_share: shareOf(seen, space.addresses),
      },
    ];
  });
  return [
    cardTable(
      `IPv4 space announced by these systems (${announced.edition})`,
      [
        asnColumn('asn', 'AS', 'Autonomous system.'),
        textColumn('org', 'Organisation', 'Organisation of the autonomous system.'),
        countColumn('announced', 'Announced', 'addresses', 'Addresses in its blocks, each once.'),
        countColumn('announced_24', '/24', 'networks', 'Networks of /24 in which some of them lie.'),
        countColumn('announced_16', '/16', 'networks', 'Networks of /16 in which some of them lie.'),
        countColumn('announced_8', '/8', 'networks', 'Networks of /8 in which some of them lie.'),
        countColumn('ipv4_addresses', 'Seen', 'addresses', 'Distinct IPv4 server addresses seen.'),
        shareColumn('seen_share', 'Of announced', 'Their share of the announced addresses.'),
      ],
      known,
    ),
  ];
};

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
      ipv4_addresses: numberOf(row, 'ipv4_addresses'),
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
        ...announcedTables(rows, context.announced),
      ],
      figure: networksFigure(rows),
      n: total.addresses,
      method:
        'Counts of what was seen here; what an autonomous system announces stands apart, by the database of now and for IPv4, each address once. The system and the country are those of the dated database at the time of the flow; a country of registration is not a place. A server address inside the local nets is a pseudonym.',
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
