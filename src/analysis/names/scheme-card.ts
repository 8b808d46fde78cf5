/** Templates as a card: what they are, what they carry, how they count, and which rules would claim them. */
import type { Outcome } from '../card.ts';
import { bytesColumn, type CardColumn, cardTable, countColumn, detailTable, shareColumn, textColumn } from '../card.ts';
import type { BarsFigure } from '../figures/figure.ts';
import { counted, formatValue } from '../format.ts';
import { quantileOfCounts, type ValueCount } from '../statistics/value-count.ts';
import { shareOf, sumOf } from '../sums.ts';
import type { MeasuredScheme, Schemes } from './read-schemes.ts';
import { describeTemplate, toRulePattern } from './template.ts';

const MOST_PORTS = 3;

const templateColumn = textColumn('template', 'Template', 'What the names share, with blanks where they differ.');

const listed = (sums: ReadonlyMap<string, number>): string => {
  const [shown, rest] = [[...sums.keys()].slice(0, MOST_PORTS), sums.size - MOST_PORTS];
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
};

const quantile = (sizes: readonly ValueCount[], p: number): number | null => quantileOfCounts(sizes, p) ?? null;

const hasBlank = ({ template }: MeasuredScheme): boolean => template.some((part) => typeof part !== 'string');

const sizeColumns: readonly CardColumn[] = (['up', 'down'] as const).flatMap((way) => [
  bytesColumn(
    `${way}_p50_bytes`,
    `${way} 50 %`,
    `Half of the flows have at most so many IP bytes ${way}, within a factor of 1.6.`,
  ),
  bytesColumn(
    `${way}_p90_bytes`,
    `${way} 90 %`,
    `Nine tenths of the flows have at most this ${way}, within a factor of 1.6.`,
  ),
]);

const figureOf = (schemes: readonly MeasuredScheme[]): BarsFigure => ({
  kind: 'bars',
  valueKind: 'bytes',
  xTitle: 'IP bytes of flows with such a name',
  parts: ['bytes'],
  bars: schemes.slice(0, 10).map(({ template, bytes }) => ({ name: describeTemplate(template), values: [bytes] })),
});

/** The tables of the card for schemes that are shown. */
const tablesOf = (shown: readonly MeasuredScheme[], allBytes: number) => {
  const table = (title: string, columns: readonly CardColumn[], rowOf: (scheme: MeasuredScheme) => object) =>
    cardTable(
      title,
      [templateColumn, ...columns],
      shown.map((scheme) => ({ template: describeTemplate(scheme.template), ...rowOf(scheme) })),
    );
  const source = (name: string) => (scheme: MeasuredScheme) => shareOf(scheme.sources.get(name) ?? 0, scheme.flows);
  const [sni, http, dns] = [source('sni'), source('http'), source('dns')];
  return [
    table(
      'Templates',
      [
        countColumn('names', 'Names', 'names', 'Distinct names that were seen.'),
        countColumn('flows', 'Flows', 'flows', 'Eligible flows with such a name.'),
        bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.'),
        shareColumn('byte_share', 'Of bytes', 'Share of the bytes of all flows with a name, of those asked about.'),
        textColumn('class', 'Guess', 'Class guessed from words and traffic.'),
        shareColumn('confidence', 'Sure', 'How sure the guess is: a score to sort by, not a probability.'),
      ],
      ({ names, flows, bytes, guess }) => ({
        names: names.length,
        flows,
        bytes,
        byte_share: shareOf(bytes, allBytes),
        class: guess.class,
        confidence: guess.confidence,
      }),
    ),
    table('Sizes of their flows', sizeColumns, ({ up, down }) => ({
      up_p50_bytes: quantile(up, 0.5),
      up_p90_bytes: quantile(up, 0.9),
      down_p50_bytes: quantile(down, 0.5),
      down_p90_bytes: quantile(down, 0.9),
    })),
    table(
      'Where they go',
      [
        textColumn('ports', 'Ports', 'Protocols and server ports, the busiest first.'),
        countColumn('servers', 'Servers', 'addresses', 'Distinct server addresses.'),
        countColumn('nets', '/24', 'networks', 'Their /24 or /48.'),
        shareColumn(
          'lingering_share',
          'Linger',
          'Share of flows of two minutes or longer with under 100 bytes a second.',
        ),
      ],
      ({ ports, servers, nets, lingering, flows }) => ({
        ports: listed(ports),
        servers,
        nets,
        lingering_share: shareOf(lingering, flows),
      }),
    ),
    table(
      'Counters and evidence',
      [
        countColumn('counter_first', 'First', '1', 'Least number at the blank of digits with most values.'),
        countColumn('counter_last', 'Last', '1', 'Greatest number there.'),
        countColumn('counter_missing', 'Missing', 'numbers', 'Numbers between the two that were not seen.'),
        shareColumn('sni_share', 'SNI', 'Share of flows that show the name themselves, in TLS or QUIC.'),
        shareColumn('http_share', 'HTTP', 'Share of flows that show it in HTTP.'),
        shareColumn('dns_share', 'DNS', 'Share of flows that have it of a DNS answer alone.'),
      ],
      (scheme) => ({
        counter_first: scheme.counter?.first ?? null,
        counter_last: scheme.counter?.last ?? null,
        counter_missing: scheme.counter?.missing ?? null,
        sni_share: sni(scheme),
        http_share: http(scheme),
        dns_share: dns(scheme),
      }),
    ),
    table(
      'Why the guess',
      [
        textColumn('rule_classes', 'Rules say', 'Classes that the rules put the flows into, the most first.'),
        textColumn('class', 'Guess', 'Class guessed from words and traffic.'),
        textColumn('reason', 'Reason', 'What the guess is made from.'),
      ],
      ({ classes, guess }) => ({ rule_classes: listed(classes), class: guess.class, reason: guess.reason }),
    ),
  ];
};

const patternColumns = [
  templateColumn,
  textColumn('domain', 'Domain', 'Registrable domain of the names.'),
  textColumn('kind', 'Kind', "'exact' or 'regex'; empty where the names are no host names."),
  textColumn('pattern', 'Pattern', 'Pattern of a rule file that matches the names.'),
  textColumn('class', 'Guess', 'Class guessed from words and traffic.'),
  shareColumn('confidence', 'Sure', 'How sure the guess is.'),
  textColumn('reason', 'Reason', 'What the guess is made from.'),
  countColumn('names', 'Names', 'names', 'Distinct names that were seen.'),
  countColumn('flows', 'Flows', 'flows', 'Flows with such a name.'),
  textColumn('ports', 'Ports', 'Protocols and server ports, the busiest first.'),
  textColumn('examples', 'Examples', 'Up to three of the names.'),
];

const EXAMPLES = 3;

/** Of names in order, the first, the middle one and the last. */
export const examplesOf = (names: readonly string[]): readonly string[] =>
  names.length <= EXAMPLES ? names : [names[0]!, names[Math.floor(names.length / 2)]!, names.at(-1)!];

/**
 * The card.
 *
 * @param subject whose names they are: 'whatsapp'
 * @param top rows to show
 */
export const schemeCard = ({ schemes, flows, bytes }: Schemes, subject: string, top: number): Outcome | undefined => {
  const [heaviest] = schemes;
  if (heaviest === undefined) return undefined;
  const shown = schemes.slice(0, top);
  const withBlank = schemes.filter(hasBlank);
  const summary = {
    names: sumOf(schemes, ({ names }) => names.length),
    templates: schemes.length,
    with_blanks: withBlank.length,
    names_in_them: sumOf(withBlank, ({ names }) => names.length),
  };
  return {
    finding: `The ${counted(summary.names, 'name')} of ${subject} follow ${counted(summary.templates, 'template')}; the heaviest, ${formatValue('text', describeTemplate(heaviest.template))}, has ${formatValue('share', shareOf(heaviest.bytes, bytes))} of the bytes and looks like ${heaviest.guess.class}.`,
    tables: [
      cardTable(
        'Names and templates',
        [
          countColumn('names', 'Names', 'names', 'Distinct names that were looked at.'),
          countColumn('templates', 'Templates', 'templates', 'Templates that they follow, single names included.'),
          countColumn('with_blanks', 'With blanks', 'templates', 'Those of them that stand for several names.'),
          countColumn('names_in_them', 'Names in these', 'names', 'Names that these stand for.'),
        ],
        [summary],
      ),
      ...tablesOf(shown, bytes),
      detailTable(
        'Rules that would claim them',
        patternColumns,
        shown.map(({ template, domain, names, flows, ports, guess }) => {
          const pattern = toRulePattern(template);
          return {
            template: describeTemplate(template),
            domain,
            kind: pattern?.kind ?? '',
            pattern: pattern?.text ?? '',
            ...guess,
            names: names.length,
            flows,
            ports: listed(ports),
            examples: examplesOf(names).join(' '),
          };
        }),
      ),
    ],
    figure: figureOf(shown),
    n: flows,
    method:
      'TCP and UDP flows with a name, except DNS itself. Names that are cut alike into letters, digits and separators are divided by their words; a place where the rest differ is a blank if enough values support it. The guess weighs words against the behaviour of the flows; traffic does not tell pictures from sounds.',
    exclusions: [
      { reason: 'Not listed (lighter templates)', n: sumOf(schemes.slice(top), (scheme) => scheme.flows) },
      {
        reason: 'Not looked at (names beyond the 5,000 heaviest)',
        n: flows - sumOf(schemes, (scheme) => scheme.flows),
      },
    ],
  };
};
