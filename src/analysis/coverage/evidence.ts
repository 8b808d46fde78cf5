/** How the names of flows are known: by TLS or QUIC, by HTTP, by the client's own DNS, or not at all. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, detailTable, textColumn } from '../card.ts';
import { counted, formatValue } from '../format.ts';
import { numberOf, textOf } from '../query.ts';
import { eligibleMethod, ineligible } from './eligible.ts';
import { evidenceFigure } from './figure.ts';
import { knownBy } from './known-by.ts';
import { measureAgainst, measureColumns } from './measures.ts';

const SNI = 'SNI of TLS or QUIC';
const HTTP = 'HTTP Host';
const standings: Readonly<Record<string, string>> = {
  valid: 'DNS, within its TTL',
  grace: 'DNS, expired, within grace',
  network: "DNS, another client's answer",
  beyond: 'none: DNS name too old to use',
  '': 'none',
};
/** In the order in which they are believed. */
const evidences = [SNI, HTTP, ...Object.values(standings)];

const standingWords: Readonly<Record<string, string>> = {
  ...standings,
  beyond: 'DNS, expired beyond grace',
  '': 'no DNS name',
};

const toEvidence = (source: string, standing: string): string =>
  source === 'sni' ? SNI : source === 'http' ? HTTP : standings[standing]!;

const isName = (evidence: string): boolean => !evidence.startsWith('none');

export const evidence: Recipe = {
  id: 'evidence',
  title: 'Evidence of names',
  question: 'How do we know the names?',
  unit: 'flows',
  queries: ['evidence', 'ineligible'],
  nothing: {
    finding: 'The range holds no TCP or UDP flow other than DNS, so there is nothing to name.',
    hint: 'Import a capture with traffic of users: sonde import PATH',
  },
  make: (results, context) => {
    const cells = results('evidence').map((row) => ({
      source: textOf(row, 'fqdn_source'),
      standing: textOf(row, 'standing'),
      toldBy: textOf(row, 'told_by'),
      evidence: toEvidence(textOf(row, 'fqdn_source'), textOf(row, 'standing')),
      flows: numberOf(row, 'flow_total'),
      bytes: numberOf(row, 'byte_total'),
    }));
    const measure = measureAgainst(cells);
    const all = measure(cells);
    if (all.flows === 0) return undefined;
    const unnamed = cells.filter((cell) => !isName(cell.evidence));
    const named = measure(cells.filter((cell) => isName(cell.evidence)));
    const byEvidence = evidences.map((name) => ({
      evidence: name,
      ...measure(cells.filter((cell) => cell.evidence === name)),
    }));
    return {
      finding: `A name is known for ${formatValue('share', named.flow_share)} of the flows of ${subjectOf(context)} and ${formatValue('share', named.byte_share)} of their bytes, out of ${counted(all.flows, 'flow')}.`,
      tables: [
        cardTable(
          'Named or not',
          [textColumn('name', 'Name', 'Whether a name is known.'), ...measureColumns],
          [
            { name: 'known', ...named },
            { name: 'unknown', ...measure(unnamed) },
            { name: 'all', ...all },
          ],
        ),
        cardTable(
          'By evidence',
          [textColumn('evidence', 'Evidence', 'Where the name comes from.'), ...measureColumns],
          byEvidence,
        ),
        cardTable(
          'Without a name, by what else tells the service',
          [textColumn('known_by', 'Known by', 'What told the service in place of a name.'), ...measureColumns],
          Object.entries(knownBy)
            .filter(([source]) => source !== 'name')
            .map(([source, words]) => ({
              known_by: source === '' ? 'nothing' : words,
              ...measure(unnamed.filter(({ toldBy }) => toldBy === source)),
            })),
        ),
        detailTable(
          'By source and standing of the name',
          [
            textColumn('fqdn_source', 'Source', "Source of the name: 'sni', 'http', 'dns', or empty."),
            textColumn('dns_standing', 'DNS name', 'How the DNS name of the flow stood at its first packet.'),
            textColumn('known_by', 'Service by', 'What told the service where there is no name.'),
            ...measureColumns,
          ],
          cells.map((cell) => ({
            fqdn_source: cell.source,
            dns_standing: standingWords[cell.standing]!,
            known_by: knownBy[cell.toldBy] ?? cell.toldBy,
            ...measure([cell]),
          })),
        ),
      ],
      figure: evidenceFigure(byEvidence),
      n: all.flows,
      method: `${eligibleMethod} The name to use is the SNI unless it is an outer one, else the HTTP Host, else the latest DNS answer of the same client for that server, valid for its TTL, and for ${formatValue('duration_us', context.options.grace_s! * 1e6)} more marked as expired.`,
      exclusions: ineligible(results),
    };
  },
};
