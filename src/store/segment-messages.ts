/** What the thread that writes segments is told, and what it answers. */
import { type ErrorFields, SondeError } from '../kit/errors.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import type { WrittenSegment } from './segment.ts';

/** `sink` numbers the import; each request has one answer, and requests of one sink are carried out in order. */
export type SegmentRequest =
  | { readonly kind: 'write'; readonly request: number; readonly sink: number; readonly batch: SealedBatch }
  | { readonly kind: 'finish' | 'abandon'; readonly request: number; readonly sink: number }
  | { readonly kind: 'close'; readonly request: number };

export type SegmentAnswer =
  | { readonly request: number; readonly segments: readonly WrittenSegment[] }
  | { readonly request: number; readonly failed: Failure };

/** An error as plain data, for a class does not survive the way between threads. */
export interface Failure {
  readonly message: string;
  readonly fields: ErrorFields;
  readonly hint: string;
}

export const toFailure = (error: unknown): Failure =>
  error instanceof SondeError
    ? { message: error.message, fields: error.fields, hint: error.hint }
    : { message: String(error), fields: {}, hint: '' };

export const toError = ({ message, fields, hint }: Failure): SondeError =>
  new SondeError('SONDE_STORE_WRITE_FAILED', message, fields, hint);
