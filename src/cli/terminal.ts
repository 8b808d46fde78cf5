/** Where a command writes: results to standard output, progress and messages to standard error. */
import { SondeError } from '../kit/errors.ts';
import { ExitCode } from './exit-code.ts';
import { formatError } from './format-error.ts';

export interface Terminal {
  readonly out: (text: string) => void;
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
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    errIsTty: process.stderr.isTTY === true,
    width: process.stdout.columns ?? DEFAULT_WIDTH,
    env: process.env,
    now: () => new Date(),
  };
};
