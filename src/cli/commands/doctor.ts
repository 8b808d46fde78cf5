/** `sonde doctor`: is everything in order, and if not, what to do. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatValue } from '../../analysis/format.ts';
import { openAddressDatabase } from '../../enrich/address-database.ts';
import { SondeError } from '../../kit/errors.ts';
import { toIsoTime } from '../../kit/time.ts';
import { defaultKeyPath, loadKey } from '../../privacy/key.ts';
import type { Store } from '../../store/index.ts';
import { type CommonOptions, openStoreOf, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { formatError } from '../format-error.ts';
import { loadCatalog } from '../load-catalog.ts';
import { startProgress } from '../progress.ts';
import { silentStreams } from '../silent-streams.ts';
import type { Terminal } from '../terminal.ts';

const LOW_DISK_BYTES = 1e9;

interface Check {
  readonly name: string;
  /** Resolves to what is well; throws a SondeError for what is not. */
  readonly run: () => Promise<string>;
}

/** A look makes no key: the first import does. */
const checkKey = async (): Promise<string> =>
  existsSync(defaultKeyPath())
    ? `${defaultKeyPath()}, fingerprint ${loadKey().fingerprint}`
    : `${defaultKeyPath()}: made at the first import`;

const checkTables = async (store: Store): Promise<string> => {
  const snapshot = await store.snapshot();
  try {
    for (const { table } of snapshot.sizes) await (await snapshot.query(`SELECT count(*) AS n FROM ${table}`)).rows();
    const [problem] = snapshot.problems;
    if (problem !== undefined) {
      throw new SondeError(
        'SONDE_STORE_CORRUPT',
        `${problem.reason}${snapshot.problems.length > 1 ? `, and ${snapshot.problems.length - 1} more like it` : ''}`,
        { table: problem.table, file: problem.file },
        'it is left out of every result; import its capture into a new store to have it back',
      );
    }
    const rows = snapshot.sizes.reduce((sum, size) => sum + size.rows, 0);
    const bytes = snapshot.sizes.reduce((sum, size) => sum + size.bytes, 0);
    const segments = snapshot.sizes.reduce((sum, size) => sum + size.segments, 0);
    return `${formatValue('count', rows)} rows in ${segments} segments, ${formatValue('bytes', bytes)}, all checksums hold`;
  } finally {
    await snapshot.close();
  }
};

const checkUnfinished = async (store: Store): Promise<string> => {
  const { sources, unreferenced } = await store.unfinished();
  const left = `${unreferenced.files} files (${formatValue('bytes', unreferenced.bytes)}) that no commit names`;
  if (sources.length > 0) {
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `imports that were interrupted, hidden from every result: ${sources.join(', ')}; ${left}`,
      {},
      'import the same captures again: that completes them',
    );
  }
  return unreferenced.files === 0 ? 'no import was interrupted' : `no import is incomplete; ${left}`;
};

/** A capture that broke off is no fault of the store: it has what the last commit showed. */
const checkCaptures = async (store: Store, now: Date): Promise<string> => {
  const silent = new Set(await silentStreams(store, now));
  const snapshot = await store.snapshot();
  try {
    const rows = await (await snapshot.query("SELECT id, name, last_at FROM imports WHERE state = 'running'")).rows();
    const broken = rows.filter(({ id }) => silent.has(String(id)));
    const named = broken.map(({ id, name, last_at }) => {
      const until = last_at === null ? 'without a packet' : `until ${toIsoTime(Number(last_at))}`;
      return `${name} (${id}, ${until})`;
    });
    const running = `${rows.length - broken.length} running`;
    return named.length === 0 ? running : `${running}; broken off, complete to their last commit: ${named.join(', ')}`;
  } finally {
    await snapshot.close();
  }
};

const checkDisk = async (path: string): Promise<string> => {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  if (free < LOW_DISK_BYTES) {
    throw new SondeError(
      'SONDE_STORE_WRITE_FAILED',
      `only ${formatValue('bytes', free)} are free`,
      { folder: path },
      'make room',
    );
  }
  return `${formatValue('bytes', free)} free`;
};

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

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withStore(command).option('--deep', 'read everything that is stored, and name all that is wrong with it');
  command.action(async (options: CommonOptions & { readonly deep?: true }) => {
    const store = await openStoreOf(options);
    const exists = await statfs(store.path).then(
      () => true,
      () => false,
    );
    const storeChecks: Check[] = [
      { name: 'tables', run: () => checkTables(store) },
      { name: 'imports', run: () => checkUnfinished(store) },
      { name: 'captures', run: () => checkCaptures(store, terminal.now()) },
      { name: 'disk', run: () => checkDisk(store.path) },
    ];
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
      { name: 'store', run: async () => (exists ? store.path : `${store.path}: nothing there yet`) },
      ...(exists ? storeChecks : []),
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
    if (options.deep && exists) failed += await readEverything(store, terminal, options.quiet === true);
    if (failed > 0) done(ExitCode.FAILURE);
  });
};
