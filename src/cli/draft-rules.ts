/** A rule file that a person is to check: patterns that were found, with what speaks for each. */
import { Document } from 'yaml';
import { compilePattern } from '../catalog/pattern.ts';

/** A rule that was found. */
export interface DraftRule {
  readonly class: string;
  readonly kind: 'exact' | 'regex';
  readonly pattern: string;
  /** What it is known from. */
  readonly note: string;
  /** Names that it matches. */
  readonly examples: readonly string[];
}

const id = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');

/**
 * The text of the file, which the rule files' parser takes; and how many rules it does without, because rule files do not allow
 * their patterns.
 *
 * @param service a name from which the id is made
 * @param source where the rules are known from, one sentence
 */
export const draftRules = (
  service: string,
  source: string,
  rules: readonly DraftRule[],
): { readonly text: string; readonly rules: number; readonly leftOut: number } => {
  const usable = rules.filter(({ kind, pattern }) => typeof compilePattern(kind, pattern) !== 'string');
  const document = new Document({
    service: id(service) || 'draft',
    title: service,
    description: 'A draft that was made from what was seen. Check each rule, its class above all, before it is used.',
    sources: { draft: source },
    rules: usable.map(({ class: name, kind, pattern, note, examples }) => ({
      class: name,
      [kind]: pattern,
      source: 'draft',
      note,
      examples,
    })),
  });
  document.commentBefore = ' Draft, not checked by anyone. docs/30-services.md explains the format.';
  return {
    text: document.toString({ lineWidth: 120, singleQuote: true }),
    rules: usable.length,
    leftOut: rules.length - usable.length,
  };
};
