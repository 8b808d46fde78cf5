/** A template of names: what they share written out, and a description where they differ. */

/** What stands where names differ; `least` and `most` characters. */
export interface Blank {
  readonly kind: 'letters' | 'digits' | 'hex' | 'alphanumeric' | 'region' | 'uuid';
  readonly least: number;
  readonly most: number;
}

/** Fixed text, or a blank. */
type TemplatePart = string | Blank;

export type Template = readonly TemplatePart[];

const describeBlank = ({ kind, least, most }: Blank): string => {
  if (kind === 'region') return '{region}';
  if (kind === 'uuid') return '{UUID}';
  const words = { letters: 'letter', digits: 'digit', hex: 'hex digit', alphanumeric: 'letters or digit' }[kind];
  const count = least === most ? String(least) : `${least}-${most}`;
  return `{${count} ${words}${most === 1 ? '' : 's'}}`;
};

/**
 * As people write it.
 *
 * @example describeTemplate(['mmi', { kind: 'digits', least: 3, most: 3 }, '.whatsapp.net']) // 'mmi{3 digits}.whatsapp.net'
 */
export const describeTemplate = (template: Template): string =>
  template.map((part) => (typeof part === 'string' ? part : describeBlank(part))).join('');

const characters = { letters: '[a-z]', digits: '\\d', hex: '[0-9a-f]', alphanumeric: '[a-z0-9]' } as const;

const blankPattern = ({ kind, least, most }: Blank): string => {
  if (kind === 'uuid') return '[0-9a-f-]{36}';
  // Two bounded runs of letters, as rule files allow them.
  if (kind === 'region') return '[a-z]{2,12}[a-z-]{5,18}\\d{1,2}';
  const count = least === most ? (least === 1 ? '' : `{${least}}`) : `{${least},${most}}`;
  return `${characters[kind]}${count}`;
};

/** All names that the template stands for, and some that were not seen, as a regular expression for the whole name. */
const toPattern = (template: Template): string =>
  template
    .map((part) => (typeof part === 'string' ? part.replace(/[^a-z0-9_-]/g, '\\$&') : blankPattern(part)))
    .join('');

/** Matches the names of the template. */
export const toRegex = (template: Template): RegExp => new RegExp(`^(?:${toPattern(template)})$`);

const hostText = /^[a-z0-9._-]*$/;

/**
 * The template as a pattern of a rule file: an exact name, or a regular expression; undefined where its names hold what no host
 * name does.
 */
export const toRulePattern = (
  template: Template,
): { readonly kind: 'exact' | 'regex'; readonly text: string } | undefined => {
  if (!template.every((part) => typeof part !== 'string' || hostText.test(part))) return undefined;
  const hasBlank = template.some((part) => typeof part !== 'string');
  return hasBlank ? { kind: 'regex', text: toPattern(template) } : { kind: 'exact', text: template.join('') };
};
