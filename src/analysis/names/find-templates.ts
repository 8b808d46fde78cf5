/** Finds the templates behind names: those cut alike are divided by their words, until all that still differs may be a blank. */
import { classOfWord } from './class-words.ts';
import { type CutName, cutName, type PartKind } from './name-parts.ts';
import { type Blank, describeTemplate, type Template, toRegex } from './template.ts';

/** The numbers at one place of a template. */
interface Counter {
  readonly first: number;
  readonly last: number;
  /** Of those between first and last. */
  readonly missing: number;
}

export interface Scheme {
  readonly template: Template;
  /** In order; at least one. */
  readonly names: readonly string[];
  readonly domain: string;
  /** Of the blank of digits with the most values, if there is one that a double can hold. */
  readonly counter: Counter | undefined;
}

/** Values of letters at one place that may be codes, as of airports: that many of one length. */
const FEW_CODES = 6;
/** So many are codes even if each has counters of its own. */
const MANY_CODES = 20;
const LONGEST_CODE = 5;
/** Words that are so many are the names of customers, not of parts of the service. */
const MANY_WORDS = 100;
/** A double holds every number of so many digits. */
const MOST_DIGITS = 15;

const groupBy = (
  names: Iterable<CutName>,
  keyOf: (name: CutName) => string,
): ReadonlyMap<string, readonly CutName[]> => {
  const groups = new Map<string, CutName[]>();
  for (const name of names) {
    const key = keyOf(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return groups;
};

const valuesAt = (names: readonly CutName[], at: number): Map<string, number> => {
  const values = new Map<string, number>();
  for (const { parts } of names) {
    const { text } = parts[at]!;
    values.set(text, (values.get(text) ?? 0) + 1);
  }
  return values;
};

const areCodes = (values: ReadonlyMap<string, number>, least: number): boolean => {
  if (values.size >= MANY_WORDS) return true;
  const [first = ''] = values.keys();
  const isOneLength = [...values.keys()].every(({ length }) => length === first.length);
  if (values.size < FEW_CODES || !isOneLength || first.length < 2 || first.length > LONGEST_CODE) return false;
  if ([...values.keys()].some((word) => classOfWord(word) !== undefined)) return false;
  const withOwnCounter = [...values.values()].filter((names) => names >= least).length;
  return values.size >= MANY_CODES || 2 * withOwnCounter <= values.size;
};

/** May these values be a blank on their own? Forms that are plain to see need two values, others `least`. */
const isBlank = (kind: PartKind, values: ReadonlyMap<string, number>, least: number): boolean => {
  switch (kind) {
    case 'fixed':
      return false;
    case 'letters':
      return areCodes(values, least);
    case 'digits':
    case 'mark':
      return values.size >= least;
    case 'region':
    case 'uuid':
      return values.size >= 2;
  }
};

const toBlank = (kind: Exclude<PartKind, 'fixed'>, values: Iterable<string>): Blank => {
  const texts = [...values];
  const lengths = texts.map(({ length }) => length);
  const isHex = kind === 'mark' && texts.every((text) => /^[0-9a-f]+$/.test(text));
  return {
    kind: kind === 'mark' ? (isHex ? 'hex' : 'alphanumeric') : kind,
    least: lengths.reduce((a, b) => Math.min(a, b)),
    most: lengths.reduce((a, b) => Math.max(a, b)),
  };
};

const toCounter = (values: Iterable<string>): Counter | undefined => {
  const texts = [...values];
  if (texts.some(({ length }) => length > MOST_DIGITS)) return undefined;
  const numbers = new Set(texts.map(Number));
  const first = [...numbers].reduce((a, b) => Math.min(a, b));
  const last = [...numbers].reduce((a, b) => Math.max(a, b));
  return { first, last, missing: last - first + 1 - numbers.size };
};

/** Neighbouring texts as one. */
const joinTexts = (template: Template): Template => {
  const joined: (string | Blank)[] = [];
  for (const part of template) {
    const before = joined.at(-1);
    if (typeof part === 'string' && typeof before === 'string') joined[joined.length - 1] = before + part;
    else joined.push(part);
  }
  return joined;
};

const toScheme = (names: readonly CutName[], blanks: ReadonlyMap<number, ReadonlyMap<string, number>>): Scheme => {
  const { parts, domain } = names[0]!;
  const counters = [...blanks].filter(([at]) => parts[at]!.kind === 'digits').map(([, values]) => values);
  const widest = counters.reduce<ReadonlyMap<string, number> | undefined>(
    (most, values) => (values.size > (most?.size ?? 0) ? values : most),
    undefined,
  );
  return {
    template: joinTexts(
      parts.map(({ kind, text }, at) => {
        const values = blanks.get(at);
        return values === undefined || kind === 'fixed' ? text : toBlank(kind, values.keys());
      }),
    ),
    names: names.map(({ name }) => name),
    domain,
    counter: widest === undefined ? undefined : toCounter(widest.keys()),
  };
};

/** Divides names that are cut alike. A second number beside a blank, as in `media-{3 letters}1-2`, needs two values only. */
function* divide(names: readonly CutName[], least: number): Generator<Scheme> {
  const { parts } = names[0]!;
  const varying = new Map(parts.map((_, at) => [at, valuesAt(names, at)] as const).filter(([, { size }]) => size > 1));
  const blanks = new Set(
    [...varying].filter(([at, values]) => isBlank(parts[at]!.kind, values, least)).map(([at]) => at),
  );
  const isOpen = (at: number): boolean => blanks.has(at) || (blanks.size > 0 && parts[at]!.kind === 'digits');
  const words = [...varying].filter(([at]) => !isOpen(at));
  if (words.length === 0) {
    yield toScheme(names, varying);
    return;
  }
  const [at] = words.reduce((fewest, word) => (word[1].size < fewest[1].size ? word : fewest));
  const groups = groupBy(names, (name) => name.parts[at]!.text);
  for (const group of groups.values()) yield* divide(group, least);
}

/** The same for names whose parts are of the same kinds in the same order, with the same separators. */
const shapeOf = ({ parts }: CutName): string =>
  JSON.stringify(parts.map(({ kind, text }) => (kind === 'fixed' ? { text } : kind)));

/** The same for names of one domain with the same separators. */
const frameOf = ({ parts }: CutName): string =>
  JSON.stringify(
    parts
      .map(({ kind, text }) => (kind === 'fixed' ? { text } : null))
      .filter((part, i, all) => part !== null || all[i - 1] !== null),
  );

/**
 * Gives names that stand alone to the templates with marks that match them: random letters and digits may by chance be
 * letters alone.
 */
const gather = (schemes: readonly Scheme[], cuts: ReadonlyMap<string, CutName>): readonly Scheme[] => {
  const takers = new Map<string, { readonly regex: RegExp; readonly names: string[] }[]>();
  const gathered = new Map<Scheme, string[]>();
  for (const scheme of schemes) {
    if (!scheme.template.some((part) => typeof part !== 'string' && ['hex', 'alphanumeric'].includes(part.kind)))
      continue;
    const names = [...scheme.names];
    gathered.set(scheme, names);
    const frame = frameOf(cuts.get(scheme.names[0]!)!);
    takers.set(frame, [...(takers.get(frame) ?? []), { regex: toRegex(scheme.template), names }]);
  }
  const left = schemes.filter((scheme) => {
    if (scheme.names.length > 1) return true;
    const [name] = scheme.names as [string];
    const taker = takers.get(frameOf(cuts.get(name)!))?.find(({ regex }) => regex.test(name));
    if (taker === undefined || gathered.has(scheme)) return true;
    taker.names.push(name);
    return false;
  });
  return left.map((scheme) => {
    const names = gathered.get(scheme);
    return names === undefined ? scheme : { ...scheme, names: names.sort() };
  });
};

/**
 * The templates of names: each name belongs to exactly one, which matches it. The order of the names does not matter.
 *
 * Names are cut into parts ({@link cutName}); those of one registrable domain whose parts are of the same kinds are looked at
 * together. A place where they differ becomes a blank if enough values support it: `least` numbers or random marks, two
 * regions or UUIDs, letters only if they look like codes (six or more of one length, no word that tells a class, mostly
 * without counters of their own) or are a hundred or more. Otherwise the names are divided there, by the place with the
 * fewest values first. Time and memory grow with the characters of the names.
 *
 * @param names in lower case; repeated ones count once
 * @param least values that make a blank
 * @returns by template, in order
 * @example
 * findTemplates(['mmi001.chatter.example', 'mmi002.chatter.example', 'mmi007.chatter.example'], 3)
 * // one scheme, 'mmi{3 digits}.chatter.example', counter { first: 1, last: 7, missing: 4 }
 */
export const findTemplates = (names: Iterable<string>, least: number): readonly Scheme[] => {
  const cuts = new Map([...new Set(names)].sort().map((name) => [name, cutName(name)] as const));
  const shapes = groupBy(cuts.values(), shapeOf);
  const schemes = [...shapes.values()].flatMap((group) => [...divide(group, least)]);
  return gather(schemes, cuts)
    .map((scheme) => ({ text: describeTemplate(scheme.template), scheme }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ scheme }) => scheme);
};
