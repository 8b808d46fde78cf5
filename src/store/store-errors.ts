/** The errors of the store that more than one of its files raises. */
import { type ErrorFields, SondeError } from '../kit/errors.ts';
import type { Transaction } from './delta/transaction.ts';
import { systemCode } from './delta/write-once.ts';

/** What could not be read or believed; it was left out, and everything else stands. */
export interface Problem {
  readonly table: string;
  /** File name inside the table's folder. */
  readonly file: string;
  /** A sentence. */
  readonly reason: string;
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk and run it again: nothing of it shows, and nothing will be there twice',
  EDQUOT: 'your disk quota is used up; make room and run it again',
  ENOENT: 'a file in the making was taken away meanwhile; run it again: nothing of it shows',
  EACCES: 'check that you may write to the store',
  EPERM: 'the file system must allow hard links; put the store on a local disk',
  EROFS: 'the file system is mounted read-only',
};

/** Wraps whatever stopped a write; a SondeError passes as it is. */
export const writeFailed = (error: unknown, fields: ErrorFields): SondeError => {
  if (error instanceof SondeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error) ?? (/no space left/i.test(message) ? 'ENOSPC' : '');
  const hint = hints[code] ?? 'check the disk and run it again: nothing of it shows, and nothing will be there twice';
  return new SondeError('SONDE_STORE_WRITE_FAILED', `cannot write to the store: ${message}`, fields, hint, error);
};

/** A problem that somebody came upon who goes on all the same. */
export const damaged = ({ table, file, reason }: Problem): SondeError =>
  new SondeError(
    'SONDE_STORE_CORRUPT',
    reason,
    { table, file },
    'it is left out of every result, and the rest stands; `sonde doctor --deep` names all that is damaged',
  );

/** Two commands continued one stream from the same place, or gave two imports one id, and the other one was first. */
export const overtaken = ({ appId, version }: Transaction): SondeError =>
  new SondeError(
    'SONDE_STREAM_OVERTAKEN',
    'another command has continued the same stream meanwhile, or imported what begins alike',
    { stream: appId, turn: version },
    'let one command at a time continue the stream of a vantage, and run this one again',
  );
