/** Which services own the traffic, and how they are known. */
import type { Recipe } from '../analysis.ts';
import { bytesColumn, cardTable, countColumn, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, type Row, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { eligibleMethod } from './eligible.ts';
import { volumeFigure } from './figure.ts';

const NO_SERVICE = '(no service)';

const sourceWords: Readonly<Record<string, string>> = {
  name: 'name',
  'ip-set': 'address seen under its names',
  payload: 'payload',
  port: 'port',
  '': '-',
};

const measures = [
  countColumn('flows', 'Flows', 'flows', 'Eligible flows.'),
  shareColumn('flow_share', 'Of flows', 'Share of the eligible flows.'),
  bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.'),
  shareColumn('byte_share', 'Of bytes', 'Share of the bytes of the eligible flows.'),
];

/** Rows put together by one of their texts, heaviest first. */
const groupBy = (rows: readonly Row[], column: string): { readonly key: string; readonly rows: readonly Row[] }[] => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = textOf(row, column);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups]
    .map(([key, members]) => ({ key, rows: members }))
    .sort(
      (a, b) =>
        sumOf(b.rows, (row) => numberOf(row, 'byte_total')) - sumOf(a.rows, (row) => numberOf(row, 'byte_total')),
    );
};

export const services: Recipe = {
  id: 'services',
  title: 'Services',
  question: 'Which services own the traffic, and how are they known?',
  unit: 'flows',
  queries: ['services'],
  allTraffic: true,
  nothing: {
    finding: 'The range holds no TCP or UDP flow other than DNS, so there is nothing to own.',
    hint: 'Import a capture with traffic of users: sonde import PATH',
  },
  make: (results) => {
    const rows = results('services');
    const allFlows = sumOf(rows, (row) => numberOf(row, 'flow_total'));
    const allBytes = sumOf(rows, (row) => numberOf(row, 'byte_total'));
    if (allFlows === 0) return undefined;
    const measure = (selected: readonly Row[]) => {
      const flows = sumOf(selected, (row) => numberOf(row, 'flow_total'));
      const bytes = sumOf(selected, (row) => numberOf(row, 'byte_total'));
      return { flows, flow_share: shareOf(flows, allFlows), bytes, byte_share: shareOf(bytes, allBytes) };
    };
    const byService = groupBy(rows, 'service_name').map((group) => ({
      service: group.key === '' ? NO_SERVICE : group.key,
      ...measure(group.rows),
    }));
    const owned = measure(rows.filter((row) => textOf(row, 'service_name') !== ''));
    return {
      finding: `Rules own ${formatValue('share', owned.flow_share)} of all flows and ${formatValue('share', owned.byte_share)} of their bytes, out of ${counted(allFlows, 'flow')}.`,
      tables: [
        cardTable(
          'Owned or not',
          [textColumn('owner', 'Owner', 'Whether a rule owns the flow.'), ...measures],
          [
            { owner: 'some service', ...owned },
            { owner: 'none', ...measure(rows.filter((row) => textOf(row, 'service_name') === '')) },
            { owner: 'all', ...measure(rows) },
          ],
        ),
        cardTable(
          'By service',
          [textColumn('service', 'Service', 'Service that owns the flows.'), ...measures],
          byService,
        ),
        cardTable(
          'By what tells the service',
          [
            textColumn('service', 'Service', 'Service that owns the flows.'),
            textColumn('known_by', 'Known by', 'What told the service.'),
            ...measures,
          ],
          rows
            .filter((row) => textOf(row, 'service_name') !== '')
            .map((row) => ({
              service: textOf(row, 'service_name'),
              known_by: sourceWords[textOf(row, 'known_by')] ?? textOf(row, 'known_by'),
              ...measure([row]),
            })),
        ),
      ],
      figure: volumeFigure(
        'IP bytes of eligible flows',
        byService.map(({ service, bytes }) => ({ name: service, bytes })),
      ),
      n: allFlows,
      method: `${eligibleMethod} All traffic of the range, whatever the service asked about.`,
      exclusions: [],
    };
  },
};
