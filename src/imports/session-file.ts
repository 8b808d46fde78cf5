/** A file of sessions: CSV with a header that names the columns, `from,until,address,imsi,msisdn,imei,tac,user,apn,rat,cell,plmn`. */
import { SondeError } from '../kit/errors.ts';
import type { SessionFeed } from '../packet/session-feed.ts';
import { type CsvAccount, readCsv } from './csv-file.ts';
import { SessionColumns } from './session-columns.ts';
import { parseSessionLine, sessionColumns } from './session-line.ts';

/** Sessions of one file: they stay in memory while the captures are read. */
const MAX_FED_SESSIONS = 1 << 23;

export interface SessionFile extends CsvAccount {
  readonly feed: SessionFeed;
}

const hint = `the first line names the columns: from, address, and imsi or msisdn or user at least, of ${sessionColumns.join(',')}`;

/**
 * Reads the file into memory. Lines that cannot be used are counted, and the first of them told.
 *
 * @throws SondeError SONDE_INPUT_UNREADABLE, or SONDE_SESSIONS_INVALID if the header lacks columns, no line can be
 * used, or the sessions are too many
 */
export const readSessionFile = async (file: string): Promise<SessionFile> => {
  const feed = new SessionColumns();
  const account = await readCsv(
    file,
    {
      columns: sessionColumns,
      isEnough: (has) => has('from') && has('address') && (has('imsi') || has('msisdn') || has('user')),
      invalid: (message, line) =>
        new SondeError('SONDE_SESSIONS_INVALID', message, line === undefined ? { file } : { file, line }, hint),
    },
    (cell, line) => {
      const session = parseSessionLine(cell);
      if (typeof session === 'string') return session;
      if (feed.size === MAX_FED_SESSIONS) {
        throw new SondeError(
          'SONDE_SESSIONS_INVALID',
          `it tells of more than ${MAX_FED_SESSIONS} sessions`,
          { file, line },
          'split it by time, and import the captures of each time with their own file',
        );
      }
      feed.add(session);
      return undefined;
    },
  );
  return { feed: feed.finish(), ...account };
};
