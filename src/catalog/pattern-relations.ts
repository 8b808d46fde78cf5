/** What two patterns of names have to do with each other: does one accept all that the other accepts, is there a name for both? */
import { acceptsName, type Pattern } from './pattern.ts';

/** Stands for the * of a glob: a character that no pattern writes out, and that only a * can take. */
const ANY = '*';

/**
 * Does the first pattern accept every name that the second accepts?
 *
 * Exact for all but regular expressions, of which it is only known that they cover a single name that they accept, and
 * the same expression: what is `false` there may be true.
 */
export const covers = (a: Pattern, b: Pattern): boolean => {
  if (a.kind === 'suffix') return a.tail.every((label, i) => label === b.tail[i]);
  if (b.kind === 'exact') return acceptsName(a, b.text);
  // A * of b may hold a character that a does not write out: only a * of a takes it, and that takes all.
  if (a.kind === 'glob' && b.kind === 'glob') return a.regex!.test(b.text);
  return a.kind === 'regex' && b.kind === 'regex' && a.text === b.text;
};

/** The shortest text that two labels of globs both accept. */
const commonLabel = (a: string, b: string): string | undefined => {
  const barren = new Set<number>();
  const from = (i: number, j: number): string | undefined => {
    if (i === a.length && j === b.length) return '';
    const place = i * (b.length + 1) + j;
    if (barren.has(place)) return undefined;
    const [x, y] = [a[i], b[j]];
    const taken = (char: string | undefined, rest: () => string | undefined): string | undefined => {
      if (char === undefined || char === ANY) return undefined;
      const tail = rest();
      return tail === undefined ? undefined : char + tail;
    };
    let found: string | undefined;
    if (x === ANY) found = from(i + 1, j) ?? taken(y, () => from(i, j + 1));
    if (found === undefined && y === ANY) found = from(i, j + 1) ?? taken(x, () => from(i + 1, j));
    if (found === undefined && x === y) found = taken(x, () => from(i + 1, j + 1));
    if (found === undefined) barren.add(place);
    return found;
  };
  const found = from(0, 0);
  // Two stars may meet in nothing, which is no label.
  return found === '' ? 'x' : found;
};

const commonGlob = (a: string, b: string): string | undefined => {
  const [as, bs] = [a.split('.'), b.split('.')];
  if (as.length !== bs.length) return undefined;
  const labels = as.map((label, i) => commonLabel(label, bs[i]!));
  return labels.every((label) => label !== undefined) ? labels.join('.') : undefined;
};

/**
 * A name that two patterns of one kind both accept.
 *
 * Exact for all but regular expressions, for which only `tried` names are tried.
 */
export const commonName = (a: Pattern, b: Pattern, tried: readonly string[]): string | undefined => {
  if (a.kind === 'regex') return tried.find((name) => acceptsName(a, name) && acceptsName(b, name));
  if (a.kind === 'glob') return commonGlob(a.text, b.text);
  return a.text === b.text ? a.text : undefined;
};
