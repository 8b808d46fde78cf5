/** Transactions of the logs (`txn` of the Delta protocol): who commits, and the how-manieth of its commits it is. */

export interface Transaction {
  readonly appId: string;
  /** From 1 on. A log that has a version of an application has those before it. */
  readonly version: number;
}

const importPrefix = 'import:';
const streamPrefix = 'stream:';
const jobPrefix = 'job:';
const rewritePrefix = 'rewrite:';

/** That an import is there. */
export const importTransaction = (id: string): Transaction => ({ appId: importPrefix + id, version: 1 });

/**
 * The one commit of an attempt at it, known by what it read, and if its rows depend on what was imported before it, by
 * its place in the stream. An attempt that read something else, or in another place, has other rows, and must not be
 * completed by these.
 */
export const attemptTransaction = (id: string, content: string, turn?: number): Transaction =>
  importTransaction([id, content, ...(turn === undefined ? [] : [turn])].join(':'));

/** The `version`th commit of a stream that runs. */
export const streamTransaction = (id: string, version: number): Transaction => ({
  appId: streamPrefix + id,
  version,
});

/** How far the continued stream of a vantage has come. */
export const vantageTransaction = (vantage: string, turn: number): Transaction => ({
  appId: `vantage:${vantage}`,
  version: turn,
});

/** That it ended with this turn: nothing is open. */
export const finishTransaction = (vantage: string, turn: number): Transaction => ({
  appId: `finished:${vantage}`,
  version: turn,
});

/** That some turn of the stream has read this, told by its mark or its content. */
export const readTransaction = (vantage: string, read: string): Transaction => ({
  appId: `read:${read}:${vantage}`,
  version: 1,
});

/** The `version`th commit of a job, in its table and in that of runs. */
export const jobTransaction = (job: string, version: number): Transaction => ({ appId: jobPrefix + job, version });

/**
 * That rows of several tables were rewritten: what it puts in place shows, and what it replaces goes, when the table of
 * imports has it too.
 */
export const rewriteTransaction = (id: string): Transaction => ({ appId: rewritePrefix + id, version: 1 });

/** That a rewrite was given up. */
export const droppedTransaction = (id: string): Transaction => ({ appId: `dropped:${id}`, version: 1 });

/** That it was decided which of the two it is, once. */
export const settledTransaction = (id: string): Transaction => ({ appId: `settled:${id}`, version: 1 });

/** The rewrite that commits under this id; undefined if it is none. */
export const rewriteOf = (appId: string): string | undefined =>
  appId.startsWith(rewritePrefix) ? appId.slice(rewritePrefix.length) : undefined;

/** The import that commits under this id; undefined if it is none. */
export const importOf = (appId: string): string | undefined =>
  appId.startsWith(importPrefix) ? appId.slice(importPrefix.length).replace(/:.*$/, '') : undefined;

/** The digest of what an attempt at an import read; '' if that is not known. */
export const contentOf = (appId: string): string => appId.slice(importPrefix.length).split(':')[1] ?? '';

/** The stream that commits under this id; undefined if it is none. */
export const streamOf = (appId: string): string | undefined =>
  appId.startsWith(streamPrefix) ? appId.slice(streamPrefix.length) : undefined;

/** The job that commits under this id; undefined if it is none. */
export const jobOf = (appId: string): string | undefined =>
  appId.startsWith(jobPrefix) ? appId.slice(jobPrefix.length) : undefined;

/** Does what it put in place show only when the table of imports has it too? */
export const isGated = ({ appId }: Transaction): boolean =>
  (importOf(appId) ?? streamOf(appId) ?? rewriteOf(appId)) !== undefined;

/** Need the other tables not know it any more when the table of imports does? A rewrite is known by what it replaced. */
export const isForgettable = ({ appId }: Transaction): boolean => (importOf(appId) ?? streamOf(appId)) !== undefined;
