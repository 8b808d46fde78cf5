/** Operating systems, and sets of them: what a piece of evidence leaves open. */

/** The systems that are told apart, as the column `os` writes them. */
export const osNames = [
  'Android',
  'iOS',
  'macOS',
  'Windows',
  'Windows Phone',
  'Linux',
  'BlackBerry',
  'Symbian',
  'S40',
  'KaiOS',
  'FreeBSD',
  'OpenBSD',
] as const;

export type OsName = (typeof osNames)[number];

/** Systems that may be meant, a bit each in the order of `osNames`. */
export type OsSet = number;

/** Evidence that says nothing leaves all systems open. */
export const anyOs: OsSet = (1 << osNames.length) - 1;

export const osSet = (...names: readonly OsName[]): OsSet =>
  names.reduce((set, name) => set | (1 << osNames.indexOf(name)), 0);

/** By set, written when it is first asked for: every flow asks. */
const texts: (string | undefined)[] = [];

/** 'Android', 'iOS or macOS', 'unknown' for any. */
export const osText = (set: OsSet): string => {
  texts[set] ??= set === anyOs ? 'unknown' : osNames.filter((_, i) => (set & (1 << i)) !== 0).join(' or ');
  return texts[set];
};
