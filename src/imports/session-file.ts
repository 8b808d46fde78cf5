/** A file of sessions: CSV with a header that names the columns, `from,until,address,imsi,msisdn,imei,tac,user,apn,rat,cell,plmn`. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parseCsvLine } from '../kit/csv-line.ts';
import { SondeError } from '../kit/errors.ts';
import type { SessionFeed } from '../packet/session-feed.ts';
import { SessionColumns } from './session-columns.ts';
import { parseSessionLine, type SessionColumn, sessionColumns } from './session-line.ts';

/** Sessions of one file: they stay in memory while the captures are read. */
const MAX_FED_SESSIONS = 1 << 23;
/** Of a line; one that is longer cannot be used. */
const MAX_LINE_BYTES = 1 << 14;
/** Bad lines that are told one by one. */
const TOLD_LINES = 10;

export interface SessionFile {
  readonly feed: SessionFeed;
  /** Of the bytes read. */
  readonly sha256: string;
  readonly byteCount: number;
  /** Lines that could not be used, and the first of them in words. */
  readonly badLines: number;
  readonly complaints: readonly string[];
}

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

const hint = `the first line names the columns: from, address, and imsi or msisdn or user at least, of ${sessionColumns.join(',')}`;

/** Where each column stands. */
const readHeader = (line: string | undefined, file: string): Partial<Record<SessionColumn, number>> => {
  const names = parseCsvLine((line ?? '').replace(/^\uFEFF/, ''))?.map((name) => name.trim().toLowerCase()) ?? [];
  const has = (name: string): boolean => names.includes(name);
  if (!has('from') || !has('address') || !(has('imsi') || has('msisdn') || has('user'))) {
    throw new SondeError('SONDE_SESSIONS_INVALID', 'its header lacks columns', { file, line: 1 }, hint);
  }
  const unknown = names.find((name) => !sessionColumns.some((column) => column === name));
  if (unknown !== undefined) {
    throw new SondeError('SONDE_SESSIONS_INVALID', `it has a column '${unknown}'`, { file, line: 1 }, hint);
  }
  return Object.fromEntries(names.map((name, i) => [name, i]));
};

/**
 * Reads the file into memory. Lines that cannot be used are counted, and the first of them told.
 *
 * @throws SondeError SONDE_INPUT_UNREADABLE, or SONDE_SESSIONS_INVALID if the header lacks columns, no line can be
 * used, or the sessions are too many
 */
export const readSessionFile = async (file: string): Promise<SessionFile> => {
  const hash = createHash('sha256');
  const feed = new SessionColumns();
  const complaints: string[] = [];
  let badLines = 0;
  let byteCount = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of createReadStream(file)) {
        hash.update(chunk);
        byteCount += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      throw new SondeError('SONDE_INPUT_UNREADABLE', 'the file cannot be read', { file }, 'check the path', cause);
    }
  };
  let columns: Partial<Record<SessionColumn, number>> | undefined;
  let number = 0;
  for await (const line of readLines(chunks())) {
    number++;
    if (columns === undefined) {
      columns = readHeader(line, file);
      continue;
    }
    if (line?.trim() === '') continue;
    const cells = line === undefined ? undefined : parseCsvLine(line);
    const places = columns;
    const session =
      cells === undefined
        ? 'it is too long, or its quotes do not match'
        : parseSessionLine((column) => cells[places[column] ?? -1]?.trim() ?? '');
    if (typeof session !== 'string') {
      if (feed.size === MAX_FED_SESSIONS) {
        throw new SondeError(
          'SONDE_SESSIONS_INVALID',
          `it tells of more than ${MAX_FED_SESSIONS} sessions`,
          { file, line: number },
          'split it by time, and import the captures of each time with their own file',
        );
      }
      feed.add(session);
    } else {
      badLines++;
      if (complaints.length < TOLD_LINES) complaints.push(`line ${number}: ${session}`);
    }
  }
  if (columns === undefined) readHeader(undefined, file);
  if (feed.size === 0 && badLines > 0) {
    throw new SondeError('SONDE_SESSIONS_INVALID', `no line can be used; ${complaints[0]}`, { file }, hint);
  }
  return { feed: feed.finish(), sha256: hash.digest('hex'), byteCount, badLines, complaints };
};
