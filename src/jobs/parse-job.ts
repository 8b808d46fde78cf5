/** Job files: a header of a few words a line that names inputs, windows and output, then one SELECT. */
import { createHash } from 'node:crypto';
import { parseIsoDate } from '../kit/iso-date.ts';
import { DAY, SECOND } from '../kit/time.ts';
import type { Column, ColumnKind } from '../tickets/column.ts';
import { checkRollup } from './check-rollup.ts';
import type { Job, JobInput, Place, Rollup } from './job.ts';
import { jobInvalid } from './job-invalid.ts';
import { isTicketTable } from './order-jobs.ts';

/** A word of a header line and where it stands. */
interface Word extends Place {
  readonly text: string;
}

interface Line {
  readonly words: readonly Word[];
  readonly isIndented: boolean;
  readonly comment: string;
}

const kinds: readonly string[] = ['time', 'count', 'real', 'flag', 'text', 'texts', 'counts'] satisfies ColumnKind[];
const isKind = (text: string): text is ColumnKind => kinds.includes(text);

const identifier = /^[a-z][a-z0-9_]{0,62}$/;
const maxBytes = 100_000;
const maxWindows = 1440;
const maxSeconds = 10 * 366 * 86_400;

const readLine = (text: string, line: number): Line => {
  const at = text.indexOf('--');
  const head = at < 0 ? text : text.slice(0, at);
  return {
    words: [...head.matchAll(/\S+/g)].map((word) => ({ text: word[0], line, column: word.index + 1 })),
    isIndented: /^\s/.test(text),
    comment: at < 0 ? '' : text.slice(at + 2).trim(),
  };
};

/** What the header says, line by line; the parts that must be there are checked when it ends. */
class Header {
  readonly file: string;
  readonly inputs: JobInput[] = [];
  readonly columns: Record<string, Column> = {};
  readonly doc: string[] = [];
  output: Word | undefined;
  outputWindowUs: number | undefined;
  primary: JobInput | undefined;
  rollup: Rollup | undefined;
  readonly settings = new Map<string, number>();

  constructor(file: string) {
    this.file = file;
  }

  take({ words, isIndented, comment }: Line): void {
    const [first, ...rest] = words;
    if (first === undefined) {
      if (this.output === undefined && this.inputs.length === 0 && comment !== '') this.doc.push(comment);
      return;
    }
    if (isIndented) this.#takeColumn(first, rest, comment);
    else if (first.text === 'input') this.#takeInput(first, rest);
    else if (first.text === 'output') this.#takeOutput(first, rest);
    else if (first.text === 'rollup') this.#takeRollup(first, rest);
    else this.#takeSetting(first, rest);
  }

  fail(place: Place, message: string, hint: string): never {
    throw jobInvalid(this.file, place, message, hint);
  }

  #takeInput(keyword: Word, words: readonly Word[]): void {
    const hint = 'input TABLE [as NAME] window SECONDS [delay SECONDS] [primary]';
    const [table, ...rest] = words;
    if (table === undefined) this.fail(keyword, 'an input has no table', hint);
    this.#checkName(table, hint);
    const said = this.#takeClauses(rest, { as: 'name', window: 'seconds', delay: 'seconds', primary: 'nothing' }, hint);
    const windowUs = said.get('window');
    if (windowUs === undefined) this.fail(table, `the input ${table.text} has no window`, hint);
    const alias = rest[rest.findIndex(({ text }) => isWord(text, 'as')) + 1];
    const name = said.has('as') ? alias! : table;
    if (this.inputs.some((one) => one.name === name.text))
      this.fail(name, `two inputs are called ${name.text}`, 'give one another name: input flows as recent window 65');
    const { line, column } = table;
    const delayUs = said.get('delay') ?? 0;
    const input = { table: table.text, name: name.text, windowUs, delayUs, place: { line, column } };
    this.inputs.push(input);
    if (!said.has('primary')) return;
    if (this.primary !== undefined)
      this.fail(rest.find(({ text }) => isWord(text, 'primary'))!, 'two inputs are primary', 'the clock steps by one');
    this.primary = input;
  }

  #takeOutput(keyword: Word, words: readonly Word[]): void {
    const hint = 'output TABLE [window SECONDS], then a line a column, indented: NAME KIND -- what it means';
    const [name, ...rest] = words;
    if (name === undefined) this.fail(keyword, 'the output has no name', hint);
    if (this.output !== undefined) this.fail(keyword, 'a second output', 'a job fills one table');
    this.#checkName(name, hint);
    if (isTicketTable(name.text))
      this.fail(name, `${name.text} is a table of tickets`, 'give the output a name of its own');
    this.output = name;
    this.outputWindowUs = this.#takeClauses(rest, { window: 'seconds' }, hint).get('window');
  }

  #takeRollup(keyword: Word, words: readonly Word[]): void {
    const hint = 'rollup FAMILY bin COLUMN of COLUMN width SECONDS';
    const [family, ...rest] = words;
    if (family === undefined) this.fail(keyword, 'a rollup has no name', hint);
    if (this.rollup !== undefined) this.fail(keyword, 'a second rollup', 'a job is one rollup');
    this.#checkName(family, hint);
    const said = this.#takeClauses(rest, { bin: 'name', of: 'name', width: 'seconds' }, hint);
    for (const key of ['bin', 'of', 'width'])
      if (!said.has(key)) this.fail(family, `the rollup ${family.text} has no ${key}`, hint);
    const { line, column } = family;
    this.rollup = {
      family: family.text,
      bin: wordAfter(rest, 'bin'),
      of: wordAfter(rest, 'of'),
      widthUs: said.get('width')!,
      place: { line, column },
    };
  }

  #takeColumn(name: Word, rest: readonly Word[], doc: string): void {
    const hint = `NAME KIND -- what it means; kinds are ${kinds.join(', ')}`;
    if (this.output === undefined) this.fail(name, 'a column before the output', 'columns follow the line `output`');
    this.#checkName(name, hint);
    const [kind, more] = rest;
    if (kind === undefined) this.fail(name, `the column ${name.text} has no kind`, hint);
    if (!isKind(kind.text)) this.fail(kind, `${kind.text} is no kind of column`, hint);
    if (more !== undefined) this.fail(more, `${more.text} says nothing here`, hint);
    if (name.text in this.columns) this.fail(name, `two columns are called ${name.text}`, 'rename one');
    if (name.text === 'source' || name.text === 'reported_at')
      this.fail(name, `every row gets ${name.text} from its window`, 'leave it out');
    if (name.text === 'vantage' && kind.text !== 'text') this.fail(kind, 'vantage is a text', 'vantage text');
    this.columns[name.text] = { kind: kind.text, doc };
  }

  #takeSetting(name: Word, words: readonly Word[]): void {
    const key = name.text.toLowerCase();
    const [value, more] = words;
    const hint =
      'a header has lines of: input, output, rollup, start TIME, lateness SECONDS, priority NUMBER, empty run';
    if (!['start', 'lateness', 'priority', 'empty'].includes(key))
      this.fail(name, `${name.text} is no such word`, hint);
    if (value === undefined) this.fail(name, `${key} has no value`, hint);
    if (more !== undefined) this.fail(more, `${more.text} says nothing here`, hint);
    if (this.settings.has(key)) this.fail(name, `${key} stands twice`, 'leave one out');
    this.settings.set(key, this.#readSetting(key, value));
  }

  #readSetting(key: string, value: Word): number {
    if (key === 'lateness') return this.#seconds(value, 0);
    if (key === 'empty')
      return value.text === 'run' ? 1 : this.fail(value, `${value.text} is not known`, 'empty run, or leave it out');
    if (key === 'priority')
      return /^-?\d{1,6}$/.test(value.text)
        ? Number(value.text)
        : this.fail(value, 'not a whole number', 'priority 10');
    return (
      parseIsoDate(value.text) ??
      this.fail(value, 'not a point in time', 'start 2014-02-22, or start 2014-02-22T19:00Z')
    );
  }

  /** Clauses of a keyword and, mostly, a value; the numbers are microseconds, 1 for what has none. */
  #takeClauses(
    words: readonly Word[],
    known: Readonly<Record<string, 'seconds' | 'name' | 'nothing'>>,
    hint: string,
  ): ReadonlyMap<string, number> {
    const said = new Map<string, number>();
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      const key = word.text.toLowerCase();
      const takes = known[key];
      if (takes === undefined) this.fail(word, `${word.text} is no such word`, hint);
      if (said.has(key)) this.fail(word, `${key} stands twice`, 'leave one out');
      const value = takes === 'nothing' ? undefined : words[++i];
      if (takes !== 'nothing' && value === undefined) this.fail(word, `${key} has no value`, hint);
      if (takes === 'name') this.#checkName(value!, hint);
      said.set(key, takes === 'seconds' ? this.#seconds(value!, key === 'delay' ? 0 : 1) : 1);
    }
    return said;
  }

  #seconds(word: Word, least: number): number {
    const value = Number(word.text);
    if (!/^\d+$/.test(word.text) || value < least || value > maxSeconds)
      this.fail(word, 'not a number of seconds', `a whole number from ${least} to ${maxSeconds}`);
    return value * SECOND;
  }

  #checkName(word: Word, hint: string): void {
    if (!identifier.test(word.text))
      this.fail(word, `${word.text} cannot be a name: small letters, digits and _, 63 at most`, hint);
  }
}

const isWord = (text: string, word: string): boolean => text.toLowerCase() === word;

const wordAfter = (words: readonly Word[], word: string): string =>
  words[words.findIndex(({ text }) => isWord(text, word)) + 1]!.text;

/** The step of the clock: the window of the primary input, else that of the output. */
const stepOf = (header: Header, end: Place): number => {
  const [only, ...others] = header.inputs;
  if (only === undefined) header.fail(end, 'the job has no input', 'input flows window 60');
  if (others.length === 0) return only.windowUs;
  if (header.primary !== undefined) return header.primary.windowUs;
  if (header.outputWindowUs !== undefined) return header.outputWindowUs;
  return header.fail(only.place, 'no input is primary', 'end one line with `primary`, or give the output a window');
};

/** As many windows as make a day, 1,440 at most. */
const usualOutputWindow = (stepUs: number): number =>
  stepUs * Math.max(1, Math.min(maxWindows, Math.floor(DAY / stepUs)));

/**
 * Reads a job.
 *
 * @example
 * parseJob('clients.job.sql', `-- Bytes by client and minute.
 * input flows window 60
 * output clients
 *   client text -- Pseudonym of the client.
 *   bytes count -- Both ways.
 *
 * SELECT client, sum(up_bytes + down_bytes) AS bytes FROM flows GROUP BY client`);
 *
 * @throws SONDE_JOB_INVALID
 */
export const parseJob = (file: string, text: string): Job => {
  const header: Header = new Header(file);
  if (text.length > maxBytes)
    header.fail({ line: 1, column: 1 }, `the file has more than ${maxBytes} characters`, 'a job is one SELECT');
  const lines = text.split(/\r?\n/);
  const queryLine = lines.findIndex((line) => /^(select|with)\b/i.test(line));
  const end = { line: lines.length, column: 1 };
  const head = queryLine < 0 ? lines : lines.slice(0, queryLine);
  head.forEach((line, i) => {
    header.take(readLine(line, i + 1));
  });
  const { inputs, columns, output, settings } = header;
  if (output === undefined) header.fail(end, 'the job has no output', 'output TABLE, then a line a column, indented');
  if (Object.keys(columns).length === 0)
    header.fail(output, 'the output has no columns', 'a line a column, indented: bytes count');
  const stepUs = stepOf(header, end);
  const outputWindowUs = header.outputWindowUs ?? usualOutputWindow(stepUs);
  if (outputWindowUs % stepUs !== 0)
    header.fail(
      output,
      'the window of the output is no multiple of the primary one',
      `a multiple of ${stepUs / SECOND}`,
    );
  for (const { table, place, delayUs } of inputs)
    if (table === output.text && delayUs < stepUs)
      header.fail(
        place,
        'a job cannot read what it is about to write',
        `give it a delay of ${stepUs / SECOND} or more`,
      );
  if (queryLine < 0) header.fail(end, 'the job has no query', 'a line that begins with SELECT or WITH');
  const job: Job = {
    name: output.text,
    doc: header.doc.join(' '),
    file,
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    inputs,
    stepUs,
    outputWindowUs,
    columns,
    priority: settings.get('priority') ?? 0,
    startUs: settings.get('start'),
    latenessUs: settings.get('lateness') ?? 0,
    runsEmpty: settings.has('empty'),
    rollup: header.rollup,
    sql: lines.slice(queryLine).join('\n').trimEnd().replace(/;$/, ''),
    sqlPlace: { line: queryLine + 1, column: 1 },
    place: { line: output.line, column: output.column },
  };
  checkRollup(job);
  return job;
};
