/** The document that figures are drawn in: happy-dom, so that the terminal and the server need no browser. */
import { type Document, Window } from 'happy-dom';
import { formatValue } from '../format.ts';

/** An element as far as figures use it; happy-dom's and a browser's are both one. */
export type SvgElement = ReturnType<Document['createElementNS']>;

let shared: Document | undefined;

/** One document for all figures of the process; nothing is ever attached to it. */
export const canvas = (): Document => {
  shared ??= new Window().document;
  return shared;
};

/** An SVG element with attributes, elements and printable text. */
export const svgElement = (
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (SvgElement | string)[]
): SvgElement => {
  const element = canvas().createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map((child) => (typeof child === 'string' ? formatValue('text', child) : child)));
  return element;
};
