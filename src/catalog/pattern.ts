/** A pattern of a rule: what it accepts, where it hangs in the tree of labels, and how specific it is. */
import { normaliseName } from './name.ts';
import { checkRegex } from './regex-check.ts';
import type { PatternKind } from './rule.ts';

export interface Pattern {
  readonly kind: PatternKind;
  readonly text: string;
  /** Labels written out, and characters other than wildcards: the more, the more specific. */
  readonly labels: number;
  readonly literals: number;
  /** The labels that every name it accepts ends with, last first. */
  readonly tail: readonly string[];
  /** For globs and regular expressions: the whole name. */
  readonly regex?: RegExp;
}

const hostLabel = /^[a-z0-9_-]{1,63}$/;
// Two wildcards in a label cannot backtrack for long, and never over a dot.
const globLabel = /^[a-z0-9_-]*\*[a-z0-9_-]*(?:\*[a-z0-9_-]*)?$/;

const compileHost = (kind: 'exact' | 'suffix', text: string): Pattern | string => {
  const name = normaliseName(text);
  const labels = name.split('.');
  if (text.includes('*')) return 'a wildcard needs a glob';
  if (!labels.every((label) => hostLabel.test(label))) return 'not a host name';
  return { kind, text: name, labels: labels.length, literals: name.length, tail: labels.reverse() };
};

const compileGlob = (text: string): Pattern | string => {
  const glob = text.toLowerCase().replace(/\.$/, '');
  const labels = glob.split('.').reverse();
  if (glob.includes('**')) return '** is not known: * stays within a label, and a suffix takes any number of labels';
  if (!glob.includes('*')) return 'a glob without * is an exact name';
  for (const label of labels) {
    if (!hostLabel.test(label) && !globLabel.test(label)) {
      return `${label === '' ? 'an empty label' : label} is no label: letters, digits, - and _ (IDNA as xn--), at most two *`;
    }
  }
  const wild = labels.findIndex((label) => label.includes('*'));
  return {
    kind: 'glob',
    text: glob,
    labels: labels.length,
    literals: glob.replaceAll('*', '').length,
    tail: labels.slice(0, wild),
    regex: new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`),
  };
};

const compileRegex = (text: string): Pattern | string => {
  const checked = checkRegex(text);
  if (typeof checked === 'string') return checked;
  return { kind: 'regex', text, literals: 0, ...checked };
};

/**
 * Compiles a pattern; a text says what is wrong with it.
 *
 * - `exact`: the name itself. `suffix`: the name and every name under it, on label boundaries.
 * - `glob`: `*` stands for any characters within one label, none included; as many labels as written.
 * - `regex`: the whole name, in the language of `checkRegex`.
 */
export const compilePattern = (kind: PatternKind, text: string): Pattern | string => {
  switch (kind) {
    case 'exact':
    case 'suffix':
      return compileHost(kind, text);
    case 'glob':
      return compileGlob(text);
    case 'regex':
      return compileRegex(text);
  }
};

/** Does the pattern accept a name that is known to end with its tail? The name is normalised. */
export const accepts = (pattern: Pattern, name: string): boolean => {
  if (pattern.kind === 'suffix') return true;
  return pattern.regex === undefined ? pattern.text === name : pattern.regex.test(name);
};

/** Does the pattern accept the name? */
export const acceptsName = (pattern: Pattern, name: string): boolean => {
  const normal = normaliseName(name);
  const labels = normal.split('.').reverse();
  return pattern.tail.every((label, i) => label === labels[i]) && accepts(pattern, normal);
};
