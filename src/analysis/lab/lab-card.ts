/** What a session with a tester shows, as a card: which names answer which actions, how surely, and what speaks against it. */
import {
  bytesColumn,
  type Card,
  type CardTable,
  cardTable,
  countColumn,
  detailTable,
  shareColumn,
  textColumn,
} from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { shareOf, sumOf } from '../sums.ts';
import type { Assignment } from './assign.ts';
import { type Answer, firstFrom, type Kind } from './associate.ts';
import type { LabResult } from './examine-lab.ts';
import { type Span, unite } from './spans.ts';
import type { Track } from './transfer.ts';

const SEVERAL = 'several';

const templateColumn = textColumn('template', 'Template', 'What the names share, with blanks where they differ.');
const actionColumn = textColumn('action', 'Action', 'What the tester did.');
const timesColumn = countColumn('times', 'Times', 'actions', 'How often it was done.');
const hitsColumn = countColumn('hits', 'Hits', 'actions', 'Of these, times that a transfer began within the window.');

const rateColumns = [
  shareColumn('rate_low', 'Low', 'Lower end of the 95 % interval of hits / times.'),
  shareColumn('rate_high', 'High', 'Upper end of it.'),
  shareColumn('chance', 'Chance', 'How often a window elsewhere in the session holds such a beginning.'),
  shareColumn('confidence', 'Sure', 'By how much Low exceeds chance, of what there is to exceed.'),
];

const rateCells = ({ hits, kind, low, high, chance, confidence }: Answer) => ({
  hits,
  times: kind.times.length,
  rate_low: low,
  rate_high: high,
  chance,
  confidence,
});

const noRates = { hits: null, times: null, rate_low: null, rate_high: null, chance: null, confidence: null };

/** Share of the bytes of a template in transfers that begin in no window of any action. */
const strayShare = ({ at, up, down }: Track, windows: readonly Span[]): number | null => {
  const bytesOf = (from: number, until: number): number =>
    sumOf(up.slice(from, until), (bytes) => bytes) + sumOf(down.slice(from, until), (bytes) => bytes);
  const inside = sumOf(windows, ([from, until]) => bytesOf(firstFrom(at, from), firstFrom(at, until)));
  const all = bytesOf(0, at.length);
  const share = shareOf(inside, all);
  return share === null ? null : 1 - share;
};

const carriedTable = ({ assignments, kinds, windowUs }: LabResult): CardTable => {
  const windows = unite(
    kinds.flatMap(({ times }) => times.map(({ at, until }): Span => [at, until + windowUs])).sort(([a], [b]) => a - b),
  );
  return cardTable(
    'What they carry',
    [
      templateColumn,
      countColumn('names', 'Names', 'names', 'Distinct names that were seen.'),
      textColumn('ports', 'Ports', 'Protocols and server ports.'),
      bytesColumn('up_bytes', 'Up', 'Payload up in an answered window, the median.'),
      bytesColumn('down_bytes', 'Down', 'Payload down in an answered window, the median.'),
      shareColumn('stray_share', 'Stray', 'Share of its bytes in transfers that follow no action.'),
    ],
    assignments.map(({ track, answer }) => ({
      template: track.label,
      names: track.scheme?.names.length ?? null,
      ports: track.ports.join(', '),
      up_bytes: answer?.upBytes ?? null,
      down_bytes: answer?.downBytes ?? null,
      stray_share: strayShare(track, windows),
    })),
  );
};

/** The tables for reading: what names are for, what they carry, what speaks against it, and what no name answers. */
const tablesOf = (result: LabResult): readonly CardTable[] => {
  const { assignments, kinds, answers } = result;
  const answeredBy = (kind: Kind): readonly Assignment[] => assignments.filter(({ answer }) => answer?.kind === kind);
  return [
    cardTable(
      'What the names are for',
      [
        templateColumn,
        actionColumn,
        textColumn('class', 'Class', 'Class that the action tells.'),
        hitsColumn,
        timesColumn,
        ...rateColumns,
      ],
      assignments.map(({ track, answer, class: name }) => ({
        template: track.label,
        action: answer?.kind.action ?? SEVERAL,
        class: name,
        ...(answer === undefined ? noRates : rateCells(answer)),
      })),
    ),
    carriedTable(result),
    cardTable(
      'What they answer besides',
      [templateColumn, actionColumn, hitsColumn, timesColumn, ...rateColumns],
      assignments.flatMap(({ track, besides }) =>
        besides.map((answer) => ({ template: track.label, action: answer.kind.action, ...rateCells(answer) })),
      ),
    ),
    cardTable(
      'Actions',
      [
        actionColumn,
        timesColumn,
        countColumn('templates', 'Templates', 'templates', 'Templates that are for it.'),
        countColumn('unanswered', 'Unanswered', 'actions', 'Fewest times that one of these did not answer it.'),
      ],
      kinds.map((kind) => {
        const misses = answeredBy(kind).map(({ answer }) => kind.times.length - answer!.hits);
        return {
          action: kind.action,
          times: kind.times.length,
          templates: misses.length,
          unanswered: misses.length === 0 ? kind.times.length : Math.min(...misses),
        };
      }),
    ),
    detailTable(
      'All pairs',
      [templateColumn, actionColumn, hitsColumn, timesColumn, ...rateColumns],
      answers.map((answer) => ({ template: answer.track.label, action: answer.kind.action, ...rateCells(answer) })),
    ),
  ];
};

/**
 * The card.
 *
 * @param source what was read: names of the files
 * @param command the command line that prints it again
 */
export const labCard = (result: LabResult, source: string, command: string, sql: string): Card => {
  const { kinds, assignments, windowUs, offsetUs, offsetBy } = result;
  const explained = kinds.filter((kind) => assignments.some(({ answer }) => answer?.kind === kind));
  const n = sumOf(kinds, ({ times }) => times.length);
  return {
    id: 'lab.names',
    title: 'Testbed',
    question: 'Which names answer which actions?',
    unit: 'actions',
    finding: `${counted(assignments.length, 'template')} of names answer ${explained.length} of ${counted(kinds.length, 'kind')} of actions more often than by chance.`,
    ...(assignments.length === 0
      ? {
          hint: 'Do each action more often, with longer pauses between them; and see whether the clocks agree: --offset',
        }
      : {}),
    tables: tablesOf(result),
    n,
    method: `An action is answered by a template if a transfer under one of its names begins within ${formatValue('duration_us', windowUs)} after it, or while it lasts. Chance is how often a window of that length holds such a beginning elsewhere in the session. Listed is what exceeds chance at 5 % over all pairs together (Bonferroni). A template is for the action that has more than half of what it answers beyond chance; one that answers several alike is for the surest that no other template explains (beyond chance at 5 % over the kinds of action), else for control. Clocks: the times of the tester are moved by ${(offsetUs / 1e6).toFixed(1)} s (${offsetBy}).`,
    exclusions: [],
    source,
    reproduce: { command, sql: [{ name: 'transfers', text: sql }] },
  };
};
