/** `sonde doctor`: is everything in order, and if not, what to do. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { openAddressDatabase } from '../../enrich/address-database.ts';
import { SondeError } from '../../kit/errors.ts';
import { defaultKeyPath, loadKey } from '../../privacy/key.ts';
import { ClickhouseStore, type Store, type TicketStore } from '../../store/index.ts';
import { clickhouseChecks } from '../check-clickhouse.ts';
import { folderChecks } from '../check-folder.ts';
import type { Check } from '../check-store.ts';
import { type CommonOptions, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { formatError } from '../format-error.ts';
import { loadCatalog } from '../load-catalog.ts';
import { folderOf, openStoreOf, requireFolder } from '../open-store.ts';
import { startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

/** A look makes no key: the first import does. */
const checkKey = async (): Promise<string> =>
  existsSync(defaultKeyPath())
    ? `${defaultKeyPath()}, fingerprint ${loadKey().fingerprint}`
    : `${defaultKeyPath()}: made at the first import`;

const line = (verdict: 'ok' | 'FAIL', name: string, text: string): string =>
  `${verdict.padEnd(4)}  ${name.padEnd(9)} ${text}\n`;

/** Everything that is stored is read; each problem is a line. The answer is how many there are. */
const readEverything = async (store: Store, terminal: Terminal, isQuiet: boolean): Promise<number> => {
  const progress = startProgress(terminal, isQuiet);
  const verdicts = await store
    .verify((segments, all) => progress.live(() => `${segments} of ${all} segments`))
    .finally(progress.clear);
  for (const { name, looked, problems } of verdicts) {
    if (problems.length === 0) terminal.out(line('ok', name, looked));
    for (const problem of problems) terminal.out(line('FAIL', name, problem));
  }
  return verdicts.reduce((sum, { problems }) => sum + problems.length, 0);
};

const storeChecks = (store: TicketStore, now: Date): readonly Check[] => {
  if (store instanceof ClickhouseStore) return clickhouseChecks(store, now);
  if (!existsSync(store.path)) return [{ name: 'store', run: async () => `${store.path}: nothing there yet` }];
  return [{ name: 'store', run: async () => store.path }, ...folderChecks(folderOf(store), now)];
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withStore(command).option('--deep', 'read everything that is stored, and name all that is wrong with it');
  command.action(async (options: CommonOptions & { readonly deep?: true }) => {
    if (options.deep) requireFolder(options);
    const store = await openStoreOf(options, terminal.env);
    const checks: Check[] = [
      { name: 'node', run: async () => `${process.version} on ${process.platform} ${process.arch}` },
      { name: 'key', run: checkKey },
      {
        name: 'rules',
        run: async () => {
          const { files, version } = loadCatalog();
          return `${files.length} services, ${files.reduce((sum, { rules }) => sum + rules.length, 0)} rules, version ${version}`;
        },
      },
      { name: 'networks', run: async () => (await openAddressDatabase()).version },
      ...storeChecks(store, terminal.now()),
    ];
    let failed = 0;
    for (const { name, run } of checks) {
      try {
        terminal.out(line('ok', name, await run()));
      } catch (error) {
        if (!(error instanceof SondeError)) throw error;
        failed++;
        terminal.out(
          line(
            'FAIL',
            name,
            formatError(error)
              .replace(/^sonde: /, '')
              .trimEnd(),
          ),
        );
      }
    }
    if (options.deep && existsSync(store.path))
      failed += await readEverything(folderOf(store), terminal, options.quiet === true);
    if (failed > 0) done(ExitCode.FAILURE);
  });
};
