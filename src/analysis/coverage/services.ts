/** Which services own the traffic, and how they are known. */
import type { Recipe } from '../analysis.ts';
import { cardTable, shareColumn, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, numberOrNull, textOf } from '../query.ts';
import { eligibleMethod } from './eligible.ts';
import { volumeFigure } from './figure.ts';
import { knownBy } from './known-by.ts';
import { measureAgainst, measureColumns } from './measures.ts';

const NO_SERVICE = '(no service)';

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
    const cells = results('services').map((row) => ({
      service: textOf(row, 'service_name'),
      known_by: textOf(row, 'known_by'),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
      confidence: numberOrNull(row, 'mean_confidence'),
    }));
    const measure = measureAgainst(cells);
    const all = measure(cells);
    if (all.flows === 0) return undefined;
    const byService = [...new Set(cells.map(({ service }) => service))]
      .map((name) => ({
        service: name === '' ? NO_SERVICE : name,
        ...measure(cells.filter(({ service }) => service === name)),
      }))
      .sort((a, b) => b.bytes - a.bytes);
    const ownedCells = cells.filter(({ service }) => service !== '');
    const owned = measure(ownedCells);
    return {
      finding: `Rules own ${formatValue('share', owned.flow_share)} of all flows and ${formatValue('share', owned.byte_share)} of their bytes, out of ${counted(all.flows, 'flow')}.`,
      tables: [
        cardTable(
          'Owned or not',
          [textColumn('owner', 'Owner', 'Whether a rule owns the flow.'), ...measureColumns],
          [
            { owner: 'some service', ...owned },
            { owner: 'none', ...measure(cells.filter(({ service }) => service === '')) },
            { owner: 'all', ...all },
          ],
        ),
        cardTable(
          'By service',
          [textColumn('service', 'Service', 'Service that owns the flows.'), ...measureColumns],
          byService,
        ),
        cardTable(
          'By what tells the service',
          [
            textColumn('service', 'Service', 'Service that owns the flows.'),
            textColumn('known_by', 'Known by', 'What told the service.'),
            ...measureColumns,
            shareColumn(
              'confidence',
              'Confidence',
              'Mean over the flows of how probable the service is, where that is estimated.',
            ),
          ],
          ownedCells.map((cell) => ({
            service: cell.service,
            known_by: knownBy[cell.known_by] ?? cell.known_by,
            ...measure([cell]),
            confidence: cell.confidence,
          })),
        ),
      ],
      figure: volumeFigure(
        'IP bytes of eligible flows',
        byService.map(({ service, bytes }) => ({ name: service, bytes })),
      ),
      n: all.flows,
      method: `${eligibleMethod} All traffic of the range, whatever the service asked about.`,
      exclusions: [],
    };
  },
};
