/** An error as a person reads it: what, where, why, what to do. */
import { SondeError } from '../kit/errors.ts';

/** Lines for standard error. An error without a code is a bug, and then its stack helps. */
export const formatError = (error: unknown): string => {
  if (!(error instanceof SondeError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `sonde: unexpected error, please report it\n${detail}\n`;
  }
  const where = Object.entries(error.fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const lines = [`sonde: ${where === '' ? '' : `${where}: `}${error.message} (${error.code})`];
  if (error.hint !== '') lines.push(`  ${error.hint}`);
  return `${lines.join('\n')}\n`;
};
