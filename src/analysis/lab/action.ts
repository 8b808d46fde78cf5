/** What a tester did, and the file that tells it: CSV with a header, or NDJSON. */
import { parseCsvLine } from '../../kit/csv-line.ts';
import { SondeError } from '../../kit/errors.ts';
import { parseTime } from '../../kit/parse-time.ts';
import { classOfWord } from '../names/class-words.ts';

/** One thing done. Times are UTC microseconds by the tester's clock. */
export interface Action {
  readonly at: number;
  /** When it was over; `at` itself where the file does not tell. */
  readonly until: number;
  /** As the tester wrote it: 'send photo'. */
  readonly action: string;
  /** Class of what serves it, as told or by the words: 'image'. */
  readonly class: string;
}

const MOST_ACTIONS = 10_000;
const MOST_KINDS = 100;
const MOST_CHARACTERS = 4 << 20;
const columns = ['at', 'action', 'until', 'class'];
const hint =
  'CSV whose first line is at,action (and until, class), or NDJSON with these keys; times are ISO 8601 or seconds since 1970';

/**
 * The class that an action tells: that of its last word that tells one, so that 'send voice message' is of messages; else its words.
 *
 * @example classOfAction('record audio') // 'audio'
 */
const classOfAction = (action: string): string => {
  const words = action.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const told = words.flatMap((word) => classOfWord(word) ?? []).at(-1);
  return told ?? (words.join('-').replace(/^[^a-z]+/, '') || 'other');
};

type Cells = Readonly<Record<string, unknown>>;

/** The rows of the text with their line numbers; undefined for one that cannot be read. */
const readCells = (file: string, text: string): readonly (readonly [line: number, cells: Cells | undefined])[] => {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => [i + 1, line] as const)
    .filter(([, line]) => line.trim() !== '');
  if (lines[0]?.[1].trimStart().startsWith('{'))
    return lines.map(([number, line]) => {
      try {
        const value: unknown = JSON.parse(line);
        return [number, typeof value === 'object' && value !== null ? (value as Cells) : undefined];
      } catch {
        return [number, undefined];
      }
    });
  const names = parseCsvLine(lines[0]?.[1] ?? '')?.map((name) => name.trim().toLowerCase()) ?? [];
  const isKnown = names.includes('at') && names.includes('action') && names.every((name) => columns.includes(name));
  if (!isKnown) throw new SondeError('SONDE_ACTIONS_INVALID', 'its header cannot be used', { file, line: 1 }, hint);
  return lines.slice(1).map(([number, line]) => {
    const cells = parseCsvLine(line);
    return [number, cells && Object.fromEntries(names.map((name, i) => [name, cells[i]?.trim() ?? '']))];
  });
};

const toAction = (cells: Cells | undefined): Action | string => {
  if (cells === undefined) return 'it cannot be read';
  const textOf = (name: string): string => String(cells[name] ?? '').trim();
  const at = parseTime(textOf('at'));
  const until = textOf('until') === '' ? at : parseTime(textOf('until'));
  const action = textOf('action');
  if (at === undefined) return `'${textOf('at')}' is no time`;
  if (until === undefined) return `'${textOf('until')}' is no time`;
  if (until < at) return 'it ends before it begins';
  if (action === '') return 'it names no action';
  const told = textOf('class');
  if (told !== '' && !/^[a-z][a-z0-9-]*$/.test(told)) return `'${told}' is no class: small letters, digits and -`;
  return { at, until, action, class: told === '' ? classOfAction(action) : told };
};

/**
 * Reads what a tester did, in the order of time.
 *
 * @param file its name, for errors
 * @throws SondeError SONDE_ACTIONS_INVALID at the first line that cannot be used, or if there are none, or too many
 */
export const parseActions = (file: string, text: string): readonly Action[] => {
  if (text.length > MOST_CHARACTERS)
    throw new SondeError('SONDE_ACTIONS_INVALID', `longer than ${MOST_CHARACTERS} characters`, { file }, hint);
  const actions = readCells(file, text).map(([line, cells]) => {
    const action = toAction(cells);
    if (typeof action === 'string') throw new SondeError('SONDE_ACTIONS_INVALID', action, { file, line }, hint);
    return action;
  });
  if (actions.length === 0 || actions.length > MOST_ACTIONS)
    throw new SondeError(
      'SONDE_ACTIONS_INVALID',
      `it tells of ${actions.length} actions`,
      { file },
      `1 to ${MOST_ACTIONS} are used; ${hint}`,
    );
  const kinds = new Set(actions.map(({ action }) => action)).size;
  if (kinds > MOST_KINDS)
    throw new SondeError(
      'SONDE_ACTIONS_INVALID',
      `it names ${kinds} different actions`,
      { file },
      `call what is the same by the same words; ${MOST_KINDS} are used`,
    );
  return actions.toSorted((a, b) => a.at - b.at || (a.action < b.action ? -1 : 1));
};
