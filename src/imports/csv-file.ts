/** A CSV file (RFC 4180, without line breaks in values) whose first line names its columns, read line by line. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parseCsvLine } from '../kit/csv-line.ts';
import { SondeError } from '../kit/errors.ts';

/** Of a line; one that is longer cannot be used. */
const MAX_LINE_BYTES = 1 << 14;
/** Bad lines that are told one by one. */
const TOLD_LINES = 10;

/** What became of the lines. */
export interface CsvAccount {
  /** Of the bytes read. */
  readonly sha256: string;
  readonly byteCount: number;
  /** Lines that could not be used, and the first of them in words. */
  readonly badLines: number;
  readonly complaints: readonly string[];
}

export interface CsvLayout<C extends string> {
  /** Those that a file may have, in any order. */
  readonly columns: readonly C[];
  /** Is this enough of them? */
  readonly isEnough: (has: (column: C) => boolean) => boolean;
  /** For what is wrong with the file, `hint` included. */
  readonly invalid: (message: string, line?: number) => SondeError;
}

/** The names of a header line. */
export const headerOf = (line: string): readonly string[] =>
  parseCsvLine(line.replace(/^\uFEFF/, ''))?.map((name) => name.trim().toLowerCase()) ?? [];

/** The lines of a file; one that is too long is undefined. Line breaks may be LF or CR LF. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let rest = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield isTooLong || end - from > MAX_LINE_BYTES ? undefined : bytes.toString('utf8', from, end).replace(/\r$/, '');
      isTooLong = false;
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE_BYTES) {
      isTooLong = true;
      rest = Buffer.alloc(0);
    }
  }
  if (isTooLong) yield undefined;
  else if (rest.length > 0) yield rest.toString('utf8').replace(/\r$/, '');
}

/** Where each column stands. */
const readHeader = <C extends string>(line: string, layout: CsvLayout<C>): Partial<Record<C, number>> => {
  const names = headerOf(line);
  if (!layout.isEnough((column) => names.includes(column))) throw layout.invalid('its header lacks columns', 1);
  const unknown = names.find((name) => !layout.columns.some((column) => column === name));
  if (unknown !== undefined) throw layout.invalid(`it has a column '${unknown}'`, 1);
  return Object.fromEntries(names.map((name, i) => [name, i])) as Partial<Record<C, number>>;
};

/**
 * Reads all lines. Those that cannot be used are counted, and the first of them told.
 *
 * @param take reads the cells of a line, '' where the file has none, and returns what is wrong with them, if anything is
 * @throws SondeError SONDE_INPUT_UNREADABLE; what `invalid` makes if the header lacks columns or no line can be used; what
 * `take` throws
 */
export const readCsv = async <C extends string>(
  input: string | AsyncIterable<Uint8Array>,
  layout: CsvLayout<C>,
  take: (cell: (column: C) => string, line: number) => string | undefined,
): Promise<CsvAccount> => {
  const hash = createHash('sha256');
  const complaints: string[] = [];
  let badLines = 0;
  let usedLines = 0;
  let byteCount = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of typeof input === 'string' ? createReadStream(input) : input) {
        hash.update(chunk);
        byteCount += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      const file = typeof input === 'string' ? input : '-';
      throw new SondeError('SONDE_INPUT_UNREADABLE', 'the file cannot be read', { file }, 'check the path', cause);
    }
  };
  let columns: Partial<Record<C, number>> | undefined;
  let number = 0;
  for await (const line of readLines(chunks())) {
    number++;
    if (columns === undefined) {
      columns = readHeader(line ?? '', layout);
      continue;
    }
    if (line?.trim() === '') continue;
    const cells = line === undefined ? undefined : parseCsvLine(line);
    const places = columns;
    const complaint =
      cells === undefined
        ? 'it is too long, or its quotes do not match'
        : take((column) => cells[places[column] ?? -1]?.trim() ?? '', number);
    if (complaint === undefined) usedLines++;
    else {
      badLines++;
      if (complaints.length < TOLD_LINES) complaints.push(`line ${number}: ${complaint}`);
    }
  }
  if (columns === undefined) readHeader('', layout);
  if (usedLines === 0 && badLines > 0) throw layout.invalid(`no line can be used; ${complaints[0]}`);
  return { sha256: hash.digest('hex'), byteCount, badLines, complaints };
};
