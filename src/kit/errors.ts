/** Errors with a code: what happened, where, why, and what to do. Each code has a paragraph in `docs/70-errors.md`. */

/** Every code that Sonde raises. A test holds this list against the manual. */
export const errorCodes = [
  'SONDE_USAGE',
  'SONDE_INPUT_NOT_FOUND',
  'SONDE_INPUT_UNREADABLE',
  'SONDE_FORMAT_UNKNOWN',
  'SONDE_COMPRESSION_BROKEN',
  'SONDE_KEY_UNUSABLE',
  'SONDE_KEY_MISMATCH',
  'SONDE_RULES_INVALID',
  'SONDE_DATABASE_INVALID',
  'SONDE_SESSIONS_INVALID',
  'SONDE_KPI_INVALID',
  'SONDE_ACTIONS_INVALID',
  'SONDE_STORE_UNREADABLE',
  'SONDE_STORE_CORRUPT',
  'SONDE_STORE_WRITE_FAILED',
  'SONDE_SNAPSHOT_GONE',
  'SONDE_STREAM_OVERTAKEN',
  'SONDE_CHECKPOINT_UNUSABLE',
  'SONDE_CAPTURE_FAILED',
  'SONDE_OUTPUT_UNWRITABLE',
  'SONDE_QUERY_REFUSED',
  'SONDE_QUERY_FAILED',
  'SONDE_QUERY_LIMIT',
  'SONDE_JOB_INVALID',
  'SONDE_NOT_FOUND',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The thing itself, as fields: a file, an offset, a line, a table ... */
export type ErrorFields = Readonly<Record<string, string | number>>;

/**
 * An expected failure that a person has to read.
 *
 * `message` says what happened and why, `fields` where, `hint` what to do.
 *
 * @example
 * throw new SondeError('SONDE_INPUT_NOT_FOUND', 'no such file', { file: path }, 'check the path');
 */
export class SondeError extends Error {
  override readonly name = 'SondeError';
  readonly code: ErrorCode;
  readonly fields: ErrorFields;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}, hint = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fields = fields;
    this.hint = hint;
  }
}
