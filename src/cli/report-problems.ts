/** What of the store was left out because it is corrupt or missing, said to a person. */
import type { Snapshot } from '../store/index.ts';
import type { Terminal } from './terminal.ts';

/** True if there was something to say: what was printed is then not the whole data. */
export const reportProblems = (terminal: Terminal, { problems }: Snapshot): boolean => {
  for (const { table, file, reason } of problems) terminal.err(`sonde: left out ${table}/${file}: ${reason}\n`);
  return problems.length > 0;
};
