/** What goes wrong beside the work of a command, and does not stop it: told on standard error, each thing once. */
import type { SondeError } from '../kit/errors.ts';
import { formatError } from './format-error.ts';
import type { Terminal } from './terminal.ts';

export const warnOnce = (terminal: Terminal): ((error: SondeError) => void) => {
  const told = new Set<string>();
  return (error) => {
    const text = formatError(error).replace(/^sonde: /, 'sonde: warning: ');
    if (!told.has(text)) terminal.err(text);
    told.add(text);
  };
};
