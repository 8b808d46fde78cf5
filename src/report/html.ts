/** HTML by a tagged template that escapes everything put into it, except what is HTML already. */

/** Text that is HTML; made by `html` or, for text that is known to be well-formed, by `raw`. */
export interface Html {
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

/** Vouches for HTML from elsewhere. */
export const raw = (text: string): Html => ({ html: text });

type Part = string | number | Html | readonly Html[];

const toHtml = (part: Part): string => {
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map((each) => each.html).join('');
};

/**
 * @example
 * html`<p title="${name}">${rows.map((row) => html`<b>${row}</b>`)}</p>`
 */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  raw(texts.reduce((sofar, text, i) => sofar + toHtml(parts[i - 1] ?? '') + text));
