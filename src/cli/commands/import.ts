/** `sonde import`: captures and records of other people into the store, each once. */
import type { Command } from 'commander';
import { counted } from '../../analysis/format.ts';
import { type Input, listInputs } from '../../capture/list-inputs.ts';
import { orderByTime } from '../../capture/order-by-time.ts';
import { SondeError } from '../../kit/errors.ts';
import { type CommonOptions, say, withStore } from '../command-line.ts';
import { describeImport, nextCommand } from '../describe-import.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { formatError } from '../format-error.ts';
import { type Imported, type Importer, startImporter } from '../importer.ts';
import { requireFolder } from '../open-store.ts';
import { startProgress } from '../progress.ts';
import { positive, withShape } from '../shape-options.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { warnOnce } from '../warn-once.ts';
import { watchFolder } from '../watch.ts';
import type { ShapeFlags } from '../workspace.ts';

interface Options extends CommonOptions, ShapeFlags {
  readonly continue?: true;
  readonly finish?: true;
  readonly fresh?: true;
  readonly watch?: string;
  readonly settle: number;
}

const DEFAULT_SETTLE_S = 10;

const isContinued = (options: Options): boolean =>
  options.continue === true || options.finish === true || options.fresh === true;

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withShape(
    withStore(command)
      .argument('[path...]', 'pcap or pcapng, plain or in gzip or zstd; counters as CSV')
      .option('--continue', 'go on with the stream of this vantage: what is open at the end waits for the next command')
      .option('--finish', 'end that stream, after the paths if there are any: what is open becomes tickets')
      .option('--fresh', 'give up what an earlier command of that stream left open')
      .option('--watch <folder>', 'go on with that stream by the captures of a folder, each when it is finished')
      .option('--settle <seconds>', 'rest that finishes the last capture of the folder', positive, DEFAULT_SETTLE_S)
      .option('--sha256', 'note the SHA-256 of each capture, which takes about a third more time')
      .option('--sessions <csv>', 'who held which address when: from,until,address,imsi,msisdn,imei,apn,rat,cell,plmn'),
  ).action(async (paths: string[], options: Options) => {
    if (isContinued(options) || options.watch !== undefined) requireFolder(options);
    const inputs = await inputsOf(paths, options);
    const importer = await startImporter(
      options,
      terminal.env,
      startProgress(terminal, options.quiet === true),
      warnOnce(terminal),
    );
    await importAll(inputs, importer, options, terminal, done);
    if (options.watch !== undefined) await watchCaptures(options.watch, importer, options, terminal, done);
  });
};

/** Until a signal comes. */
const watchCaptures = async (
  folder: string,
  importer: Importer,
  options: Options,
  terminal: Terminal,
  done: Done,
): Promise<void> => {
  const stop = new AbortController();
  const forgetSignals = onStopSignal(() => stop.abort());
  const fail = (text: string): void => {
    terminal.err(text);
    done(ExitCode.PARTIAL);
  };
  try {
    await watchFolder(importer, {
      folder,
      settleMs: options.settle * 1000,
      stop: stop.signal,
      onImported: (imported) => say(terminal, options, describeImport(imported)),
      onVanished: (path) => fail(`sonde: ${path} vanished before it was imported\n`),
      onFailure: (error) => {
        if (isFatal(error)) throw error;
        fail(formatError(error));
      },
    });
  } finally {
    forgetSignals();
  }
};

const inputsOf = async (paths: readonly string[], options: Options): Promise<Input[]> => {
  const { finish, fresh, sessions, watch } = options;
  if (watch !== undefined && (paths.length > 0 || finish)) {
    throw new SondeError(
      'SONDE_USAGE',
      '--watch goes on without an end',
      {},
      'name neither paths nor --finish with it',
    );
  }
  if (paths.length === 0 && !finish && !fresh && sessions === undefined && watch === undefined) {
    throw new SondeError('SONDE_USAGE', 'nothing to import', {}, 'name captures, or end a stream with --finish');
  }
  const inputs = await orderByTime(await listInputs(paths));
  if (inputs.length === 0 && paths.length > 0) {
    throw new SondeError(
      'SONDE_INPUT_NOT_FOUND',
      'no files in it',
      { folder: paths.join(' ') },
      'name a capture, or a folder of captures',
    );
  }
  return inputs;
};

const importAll = async (
  inputs: readonly Input[],
  importer: Importer,
  options: Options,
  terminal: Terminal,
  done: Done,
): Promise<void> => {
  const imported: Imported[] = [];
  const failures: SondeError[] = [];
  let skipped = 0;
  const note = (result: Imported | undefined): void => {
    if (result === undefined) return;
    imported.push(result);
    say(terminal, options, describeImport(result));
  };
  note(await importer.addSessions());
  if (options.fresh) note(await importer.giveUp());
  for (const { path, origin } of inputs) {
    try {
      note(await (isContinued(options) ? importer.next(path) : importer.add(path)));
    } catch (error) {
      if (!(error instanceof SondeError) || isFatal(error)) throw error;
      if (error.code === 'SONDE_FORMAT_UNKNOWN' && origin === 'found') skipped++;
      else {
        failures.push(error);
        terminal.err(formatError(error));
      }
    }
  }
  if (options.finish) {
    const ended = await importer.finish();
    if (ended === undefined) say(terminal, options, `nothing is open at vantage ${options.vantage}`);
    note(ended);
  }
  if (skipped > 0) say(terminal, options, `skipped ${counted(skipped, 'file')} of unknown format in folders`);
  const summaries = imported.flatMap(({ summary }) => summary ?? []);
  const next = nextCommand(summaries, options.db);
  if (next !== undefined) say(terminal, options, next);
  const hasBadLines = imported.some(({ records }) => records !== undefined && records.badLines > 0);
  if (imported.length === 0 && failures.length > 0) done(ExitCode.FAILURE);
  else if (failures.length > 0 || hasBadLines || summaries.some(({ state }) => state === 'partial'))
    done(ExitCode.PARTIAL);
};

const fatal = ['SONDE_STORE_', 'SONDE_KEY_', 'SONDE_STREAM_', 'SONDE_CHECKPOINT_'];

/** Is the store, the key or the stream at fault, so that the next input would fail too? */
const isFatal = ({ code }: SondeError): boolean => fatal.some((prefix) => code.startsWith(prefix));
