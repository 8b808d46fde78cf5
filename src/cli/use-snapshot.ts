/** A look at the store for the length of a command, and what of it was left out. */
import type { Snapshot, Store } from '../store/index.ts';
import { type CommonOptions, openStoreOf } from './command-line.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/**
 * Opens a snapshot of the store of `--db`, the newest unless `--snapshot` names one, hands it to `use`, and closes it. Says
 * then what was left out because it is corrupt or missing: what was printed is not the whole data, and the exit code tells.
 */
export const useSnapshot = async (
  options: CommonOptions & { readonly snapshot?: number },
  terminal: Terminal,
  done: Done,
  use: (snapshot: Snapshot, store: Store) => Promise<void>,
): Promise<void> => {
  const store = await openStoreOf(options);
  const snapshot = await (options.snapshot === undefined ? store.snapshot() : store.snapshotAt(options.snapshot));
  try {
    await use(snapshot, store);
    for (const { table, file, reason } of snapshot.problems) {
      terminal.err(`sonde: left out ${table}/${file}: ${reason}\n`);
    }
    if (snapshot.problems.length > 0) done(ExitCode.PARTIAL);
  } finally {
    await snapshot.close();
  }
};
