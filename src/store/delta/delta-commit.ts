/** One commit of a Delta table: a file of actions, a JSON object a line, that carries a hash of itself. */
import { createHash } from 'node:crypto';

/** An action by its name: `add`, `remove`, `metaData`, `protocol`, `txn`, `commitInfo` ...; others are passed over. */
export type Action = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a commit says of itself. */
export interface CommitInfo {
  /** What made it, for its history: WRITE unless said. */
  readonly operation?: string;
  /**
   * It may put rows of every import in place that is complete in this version of the log of imports, so that a reader
   * must know that version.
   */
  readonly importsVersion?: number;
  /** Of a checkpoint: the hash of what other programs read instead. */
  readonly parquetSha256?: string;
}

const program = 'Sonde';
const blank = '0'.repeat(64);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The text of a commit.
 *
 * The first line is `commitInfo`, where the protocol allows fields of one's own: its `sha256` is the hash of the whole
 * text with 64 zeros in that place, so that no bit of the file can flip unnoticed.
 */
export const writeCommit = (actions: readonly Action[], at: number, own: CommitInfo = {}): string => {
  const info = { timestamp: at, operation: 'WRITE', ...own, engineInfo: program, sha256: blank };
  const text = `${[{ commitInfo: info }, ...actions].map((action) => JSON.stringify(action)).join('\n')}\n`;
  return text.replace(blank, sha256(text));
};

/**
 * Reads a commit; undefined if it is not what was written.
 *
 * A commit of another program has no hash and is believed if every line of it is an object.
 */
export const parseCommit = (text: string): readonly Action[] | undefined => {
  const head = text.split('\n', 1)[0]!;
  const hash = /"sha256":"([0-9a-f]{64})"/.exec(head)?.[1];
  if (hash === undefined ? head.includes(`"${program}"`) : sha256(text.replace(hash, blank)) !== hash) return undefined;
  try {
    const actions = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): unknown => JSON.parse(line));
    return actions.length > 0 && actions.every(isAction) ? actions : undefined;
  } catch {
    return undefined;
  }
};

/** See `CommitInfo`; -1 if none is told. */
export const importsVersionOf = (actions: readonly Action[]): number =>
  Number(actions.find(({ commitInfo }) => commitInfo !== undefined)?.commitInfo?.importsVersion ?? -1);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAction = (value: unknown): value is Action => isObject(value) && Object.values(value).every(isObject);
