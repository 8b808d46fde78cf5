/** How flows and volume divide over the classes. */
import { classLabel, type Recipe, subjectOf } from '../analysis.ts';
import { bytesColumn, cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { classesFigure } from './figure.ts';

export const classes: Recipe = {
  id: 'classes',
  title: 'Traffic by class',
  question: 'What is the traffic made of?',
  unit: 'flows',
  queries: ['classes'],
  nothing: {
    finding: 'No flow of this scope starts inside the range.',
    hint: 'Leave out --from and --until.',
  },
  make: (results, context) => {
    const cells = results('classes').map((row) => ({
      class: classLabel(textOf(row, 'class_name')),
      flows: numberOf(row, 'flow_total'),
      up_bytes: numberOf(row, 'up_total'),
      down_bytes: numberOf(row, 'down_total'),
      unmeasured: numberOf(row, 'unmeasured'),
    }));
    const allFlows = sumOf(cells, ({ flows }) => flows);
    const allBytes = sumOf(cells, (cell) => cell.up_bytes + cell.down_bytes);
    if (allFlows === 0) return undefined;
    const measure = (name: string, selected: typeof cells) => {
      const flows = sumOf(selected, (cell) => cell.flows);
      const up = sumOf(selected, (cell) => cell.up_bytes);
      const down = sumOf(selected, (cell) => cell.down_bytes);
      return {
        class: name,
        flows,
        flow_share: shareOf(flows, allFlows),
        up_bytes: up,
        down_bytes: down,
        bytes: up + down,
        byte_share: shareOf(up + down, allBytes),
      };
    };
    const rows = cells.map((cell) => measure(cell.class, [cell]));
    const all = measure('all', cells);
    const heaviest = rows[0]!;
    const busiest = rows.reduce((most, row) => (row.flows > most.flows ? row : most));
    return {
      finding: `Of ${formatValue('bytes', all.bytes)} in ${counted(all.flows, 'flow')} of ${subjectOf(context)}, ${heaviest.class} has ${formatValue('share', heaviest.byte_share)} of the bytes and ${busiest === heaviest ? '' : `${busiest.class} `}${formatValue('share', busiest.flow_share)} of the flows.`,
      tables: [
        cardTable(
          'By class',
          [
            textColumn('class', 'Class', 'Class of the flows.'),
            countColumn('flows', 'Flows', 'flows', 'Flows of the class.'),
            shareColumn('flow_share', 'Of flows', 'Share of all flows.'),
            bytesColumn('up_bytes', 'Up', 'IP bytes from client to server.'),
            bytesColumn('down_bytes', 'Down', 'IP bytes from server to client.'),
            bytesColumn('bytes', 'Bytes', 'IP bytes, both directions.'),
            shareColumn('byte_share', 'Of bytes', 'Share of the bytes of all flows.'),
          ],
          [...rows, all],
        ),
      ],
      figure: classesFigure(rows),
      n: allFlows,
      method:
        'A flow counts where its first packet falls into the range, with all its bytes as seen. IP bytes: headers and retransmissions included. Up is from client to server.',
      exclusions: [{ reason: 'Counted, though without byte counts', n: sumOf(cells, ({ unmeasured }) => unmeasured) }],
    };
  },
};
