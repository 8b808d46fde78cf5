/** A look at the store for the length of a command, and what of it was left out. */
import type { TicketSnapshot, TicketStore } from '../store/index.ts';
import type { CommonOptions } from './command-line.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import { openFolderOf, openStoreOf } from './open-store.ts';
import type { Terminal } from './terminal.ts';

/**
 * Opens a snapshot of the store of `--db`, the newest unless `--snapshot` names one, hands it to `use`, and closes it. Says
 * then what was left out because it is corrupt or missing: what was printed is not the whole data, and the exit code tells.
 */
export const useSnapshot = async (
  options: CommonOptions & { readonly snapshot?: number },
  terminal: Terminal,
  done: Done,
  use: (snapshot: TicketSnapshot, store: TicketStore) => Promise<void>,
): Promise<void> => {
  const { snapshot: number } = options;
  if (number === undefined) {
    const store = await openStoreOf(options, terminal.env);
    await whileOpen(await store.snapshot(), terminal, done, (snapshot) => use(snapshot, store));
  } else {
    const store = await openFolderOf(options, terminal.env);
    await whileOpen(await store.snapshotAt(number), terminal, done, (snapshot) => use(snapshot, store));
  }
};

/** The same of a snapshot that is open. */
export const whileOpen = async <S extends TicketSnapshot>(
  snapshot: S,
  terminal: Terminal,
  done: Done,
  use: (snapshot: S) => Promise<void>,
): Promise<void> => {
  try {
    await use(snapshot);
    for (const { table, file, reason } of snapshot.problems) {
      terminal.err(`sonde: left out ${table}/${file}: ${reason}\n`);
    }
    if (snapshot.problems.length > 0) done(ExitCode.PARTIAL);
  } finally {
    await snapshot.close();
  }
};
