/** How the servers divide over the classes of the service. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, countColumn, textColumn } from '../card.ts';
import { counted } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { sumOf } from '../sums.ts';
import { noServers, serverBytes } from './servers.ts';

export const classes: Recipe = {
  id: 'classes',
  title: 'Servers by class',
  question: 'Do the classes have servers of their own?',
  unit: 'flows',
  queries: ['classes'],
  nothing: noServers,
  make: (results, context) => {
    const rows = results('classes').map((row) => ({
      class: classLabel(textOf(row, 'class_name')),
      addresses: numberOf(row, 'addresses'),
      nets_24: numberOf(row, 'nets_24'),
      nets_16: numberOf(row, 'nets_16'),
      nets_8: numberOf(row, 'nets_8'),
      nets_48: numberOf(row, 'nets_48'),
      systems: numberOf(row, 'systems'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
    }));
    if (rows.length === 0) return undefined;
    const [widest] = [...rows].sort((a, b) => b.addresses - a.addresses);
    return {
      finding: `The class of ${subjectOf(context)} with most servers is ${widest!.class} with ${counted(widest!.addresses, 'address', 'addresses')} in ${counted(widest!.systems, 'autonomous system')}.`,
      tables: [
        cardTable(
          'By class',
          [
            textColumn('class', 'Class', 'Class of the flows.'),
            countColumn(
              'addresses',
              'Addresses',
              'addresses',
              'Distinct server addresses; one that serves two classes counts in both.',
            ),
            countColumn('nets_24', '/24', 'networks', 'Distinct /24 networks with IPv4 servers.'),
            countColumn('nets_16', '/16', 'networks', 'Distinct /16 networks with IPv4 servers.'),
            countColumn('nets_8', '/8', 'networks', 'Distinct /8 networks with IPv4 servers.'),
            countColumn('nets_48', '/48 (IPv6)', 'networks', 'Distinct /48 networks with IPv6 servers.'),
            countColumn('systems', 'AS', 'autonomous systems', 'Distinct autonomous systems.'),
            countColumn('flows', 'Flows', 'flows', 'Flows of the class.'),
            serverBytes,
          ],
          rows,
        ),
      ],
      n: sumOf(rows, ({ flows }) => flows),
      method: 'Distinct addresses and networks of the flows of each class; they do not add up over classes.',
      exclusions: [],
    };
  },
};
