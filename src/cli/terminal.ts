/** Where a command writes: results to standard output, progress and messages to standard error. */

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

/** The terminal of this process. A closed pipe (`sonde query ... | head`) ends the process quietly. */
export const processTerminal = (): Terminal => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
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
