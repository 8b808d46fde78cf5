/** Runs an analysis: resolves the scope, reads its queries, hands their rows to its recipes. The only part that does I/O. */
import { readFile } from 'node:fs/promises';
import { SondeError } from '../kit/errors.ts';
import { DAY, HOUR, MINUTE, SECOND, toIsoTime } from '../kit/time.ts';
import type { Analysis, Context, Recipe, Results, Scope } from './analysis.ts';
import { chooseBins } from './bins.ts';
import type { Card, Outcome } from './card.ts';
import { type Extent, explainNothing, measureExtent } from './extent.ts';
import { ever, fillParameters, type Parameters, type Query, type Row, selectParameters } from './query.ts';

const resolveOptions = (analysis: Analysis, given: Readonly<Record<string, number>>): Record<string, number> => {
  const resolved: Record<string, number> = {};
  for (const { name, initial, allowed } of analysis.options) {
    const value = given[name] ?? initial;
    const isAllowed =
      'least' in allowed
        ? Number.isInteger(value) && value >= allowed.least && value <= allowed.most
        : allowed.includes(value);
    const words =
      'least' in allowed ? `a whole number from ${allowed.least} to ${allowed.most}` : `one of ${allowed.join(', ')}`;
    if (!isAllowed)
      throw new SondeError('SONDE_USAGE', `--${name.replaceAll('_', '-')} takes ${words}`, {
        analysis: analysis.name,
        given: String(value),
      });
    resolved[name] = value;
  }
  for (const name of Object.keys(given))
    if (!(name in resolved))
      throw new SondeError('SONDE_USAGE', `${analysis.name} has no option ${name}`, { analysis: analysis.name });
  return resolved;
};

const resolveContext = async (
  analysis: Analysis,
  scope: Scope,
  extent: Extent,
  options: Readonly<Record<string, number>>,
): Promise<Context> => {
  if (scope.from !== undefined && scope.until !== undefined && scope.from >= scope.until)
    throw new SondeError('SONDE_USAGE', 'the range ends before it starts', {
      from: toIsoTime(scope.from),
      until: toIsoTime(scope.until),
    });
  // A range that is open on one side and lies outside of the data selects nothing, but is still a range.
  const fromUs = scope.from ?? Math.min(extent.range?.firstUs ?? 0, (scope.until ?? Number.POSITIVE_INFINITY) - 1);
  const untilUs = scope.until ?? Math.max((extent.range?.lastUs ?? 0) + 1, fromUs + 1);
  return {
    service: scope.service ?? '',
    fromUs,
    untilUs,
    timezone: scope.timezone,
    options,
    // Whole hours are what rollups have.
    bins: chooseBins(fromUs, untilUs, untilUs - fromUs > DAY ? HOUR : SECOND),
    minuteBins: chooseBins(fromUs, untilUs, MINUTE),
    imported: extent.imported,
    ...(analysis.locates && { vantageAt: scope.vantageAt, announced: await scope.announced?.read(untilUs - 1) }),
  };
};

const toParameters = (context: Context): Parameters => {
  const { service, fromUs, untilUs, options, bins, minuteBins } = context;
  return {
    ...options,
    service,
    beginning: ever.from,
    from: fromUs,
    until: untilUs,
    bin_origin: bins.originUs,
    bin_width: bins.widthUs,
    // Bins of whole hours are parts of days, or made of days.
    hour: HOUR,
    day: DAY,
    block: Math.max(DAY, bins.widthUs),
    slot_hours: Math.min(24, bins.widthUs / HOUR),
    minute_from: Math.floor(fromUs / MINUTE) * MINUTE,
    minute_origin: minuteBins.originUs,
    minute_width: minuteBins.widthUs,
  };
};

const shellWord = (word: string): string =>
  /^[\w.:/-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", "'\\''")}'`;

const toCommand = (analysis: Analysis, context: Context, { announced }: Scope): string => {
  const words = ['sonde', 'show', analysis.name];
  if (context.service !== '') words.push(shellWord(context.service));
  words.push('--from', toIsoTime(context.fromUs), '--until', toIsoTime(context.untilUs));
  if (context.timezone !== 'UTC') words.push('--tz', shellWord(context.timezone));
  const { vantageAt } = context;
  if (vantageAt !== undefined) words.push(`--vantage-at=${vantageAt.latitude},${vantageAt.longitude}`);
  if (analysis.locates && announced?.overlay !== undefined) words.push('--as-database', shellWord(announced.overlay));
  for (const { name, initial } of analysis.options)
    if (context.options[name] !== initial) words.push(`--${name.replaceAll('_', '-')}`, String(context.options[name]));
  return words.join(' ');
};

const toSource = ({ provenance = {} }: Scope, extent: Extent, { fromUs, untilUs }: Context): string => {
  const parts = [`Data from ${toIsoTime(fromUs)} until before ${toIsoTime(untilUs)}`];
  if (provenance.snapshot) parts.push(`snapshot ${provenance.snapshot}`);
  if (provenance.rules) parts.push(`rules ${provenance.rules}`);
  if (provenance.databases) parts.push(`databases ${provenance.databases}`);
  if (extent.rulesVersions > 1) parts.push(`labelled by ${extent.rulesVersions} versions of the rules`);
  return `${parts.join('; ')}.`;
};

const queriesOf = ({ queries, asks = () => true }: Recipe, context: Context): readonly string[] =>
  queries.filter((name) => asks(name, context));

const emptyOutcome = ({ nothing }: Recipe): Outcome => ({
  ...nothing,
  tables: [],
  n: 0,
  method: 'Nothing was computed.',
  exclusions: [],
});

/**
 * The cards of an analysis, in the order of its recipes; one card that says why if the scope selects no flow.
 *
 * @param options values for `analysis.options`; the rest take their initial values
 * @throws SondeError `SONDE_USAGE` for an option or a range that cannot be; whatever `query` throws
 * @example
 * const cards = await runAnalysis(hosting, query, { service: 'whatsapp', timezone: 'UTC' });
 */
export const runAnalysis = async (
  analysis: Analysis,
  query: Query,
  scope: Scope,
  options: Readonly<Record<string, number>> = {},
): Promise<readonly Card[]> => {
  const resolved = resolveOptions(analysis, options);
  const extent = await measureExtent(query, scope);
  const context = await resolveContext(analysis, scope, extent, resolved);
  const parameters = toParameters(context);
  const source = toSource(scope, extent, context);
  const command = toCommand(analysis, context, scope);
  const results = new Map<string, readonly Row[]>();
  const texts = new Map<string, string>();

  const read = async (name: string): Promise<void> => {
    if (results.has(name)) return;
    const sql = await readFile(new URL(`${name}.sql`, analysis.folder), 'utf8');
    const answer = await query(sql, selectParameters(sql, parameters));
    results.set(name, answer.rows);
    texts.set(name, fillParameters(answer.sql, parameters));
  };
  const rowsOf: Results = (name) => {
    const rows = results.get(name);
    if (rows === undefined) throw new TypeError(`the recipe does not name its query ${name}`);
    return rows;
  };
  const toCard = (recipe: Recipe, outcome: Outcome): Card => ({
    id: `${analysis.name}.${recipe.id}`,
    title: recipe.title,
    question: recipe.question,
    unit: recipe.unit,
    ...outcome,
    source,
    reproduce: {
      command,
      sql: queriesOf(recipe, context).flatMap((name) => (texts.has(name) ? [{ name, text: texts.get(name)! }] : [])),
    },
  });

  const unselected = explainNothing(extent, scope);
  const cards: Card[] = [];
  for (const recipe of analysis.recipes) {
    if (unselected !== undefined && (!recipe.allTraffic || extent.storedFlows === 0)) {
      // Said once is enough: every recipe would say the same.
      if (!cards.some(({ finding }) => finding === unselected.finding)) cards.push(toCard(recipe, unselected));
      continue;
    }
    for (const name of queriesOf(recipe, context)) await read(name);
    cards.push(toCard(recipe, recipe.make(rowsOf, context) ?? emptyOutcome(recipe)));
  }
  return cards;
};
