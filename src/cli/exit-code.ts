/** What a command's exit code says. */
export const ExitCode = {
  OK: 0,
  FAILURE: 1,
  USAGE: 2,
  /** Done, but some input was broken, unreadable or cut off. */
  PARTIAL: 3,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
