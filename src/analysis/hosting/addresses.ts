/** Which addresses serve, by class and port. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { asnColumn, cardTable, countColumn, textColumn, timeColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, numberOrNull, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { noServers, serverByteShare, serverBytes } from './servers.ts';

export const addresses: Recipe = {
  id: 'addresses',
  title: 'Server addresses',
  question: 'Which servers carry the traffic?',
  unit: 'flows',
  queries: ['addresses'],
  nothing: noServers,
  make: (results, context) => {
    const rows = results('addresses');
    const first = rows[0];
    if (first === undefined) return undefined;
    const servers = numberOf(first, 'server_total');
    const allFlows = numberOf(first, 'all_flows');
    const shown = rows.map((row) => ({
      server_ip: textOf(row, 'server_ip'),
      class: classLabel(textOf(row, 'class_name')),
      port: `${textOf(row, 'protocol')}${row.server_port === null ? '' : `/${textOf(row, 'server_port')}`}`,
      asn: numberOrNull(row, 'server_asn'),
      country: textOf(row, 'server_country'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
      byte_share: shareOf(numberOf(row, 'byte_total'), numberOf(row, 'all_bytes')),
      first_at: numberOf(row, 'first_us'),
      last_at: numberOf(row, 'last_us'),
    }));
    const [heaviest] = shown;
    return {
      finding: `The heaviest of ${counted(servers, 'server')} of ${subjectOf(context)} is ${formatValue('text', heaviest!.server_ip)} (${heaviest!.class}, ${formatValue('text', heaviest!.port)}) with ${formatValue('bytes', heaviest!.bytes)} in ${counted(heaviest!.flows, 'flow')}.`,
      tables: [
        cardTable(
          'All servers',
          [
            countColumn('servers', 'Servers', 'servers', 'Distinct combinations of address, class, protocol and port.'),
            countColumn('flows', 'Flows', 'flows', 'Flows to them.'),
          ],
          [{ servers, flows: allFlows }],
        ),
        cardTable(
          'Heaviest servers',
          [
            textColumn('server_ip', 'Address', 'Address of the server; a pseudonym inside the local nets.'),
            textColumn('class', 'Class', 'Class of the flows.'),
            textColumn('port', 'Port', 'Protocol and port.'),
            asnColumn('asn', 'AS', 'Autonomous system that announced the address.'),
            textColumn('country', 'Country', 'Country of registration, ISO 3166.'),
            countColumn('flows', 'Flows', 'flows', 'Flows to this server.'),
            serverBytes,
            serverByteShare,
            timeColumn('first_at', 'First seen', 'First packet of the first flow.'),
            timeColumn('last_at', 'Last seen', 'Last packet of the last flow.'),
          ],
          shown,
        ),
      ],
      n: allFlows,
      method:
        'A server is an address with a class, a protocol and a port. An address inside the local nets is a pseudonym, for it may be a subscriber (a call between two of them).',
      exclusions: [{ reason: 'Not listed (to lighter servers)', n: allFlows - sumOf(shown, ({ flows }) => flows) }],
    };
  },
};
