/** Where a command writes: results to standard output, progress and messages to standard error. */
import { once } from 'node:events';
import { SondeError } from '../kit/errors.ts';
import { ExitCode } from './exit-code.ts';
import { formatError } from './format-error.ts';

/** Takes a text. Where it gives a promise, that resolves when there is room for more: who writes much waits for it. */
export type Write = (text: string) => Promise<void> | undefined;

export interface Terminal {
  readonly out: Write;
  readonly err: (text: string) => void;
  /** Is standard error a terminal, so that a line may be written over? */
  readonly errIsTty: boolean;
  /** Characters to a line. */
  readonly width: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

const DEFAULT_WIDTH = 80;

const unwritable = (cause: Error): SondeError =>
  new SondeError(
    'SONDE_OUTPUT_UNWRITABLE',
    `standard output cannot be written: ${cause.message}`,
    {},
    'make room',
    cause,
  );

/** The terminal of this process. A closed pipe (`sonde query ... | head`) ends the process quietly. */
export const processTerminal = (): Terminal => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.OK);
    process.stderr.write(formatError(unwritable(error)));
    process.exit(ExitCode.FAILURE);
  });
  let room: Promise<void> | undefined;
  return {
    out: (text) => {
      if (process.stdout.write(text)) return undefined;
      room ??= once(process.stdout, 'drain').then(() => {
        room = undefined;
      });
      return room;
    },
    err: (text) => process.stderr.write(text),
    errIsTty: process.stderr.isTTY === true,
    width: process.stdout.columns ?? DEFAULT_WIDTH,
    env: process.env,
    now: () => new Date(),
  };
};
