/** `sonde import`: captures into the store, each once. */
import { type Command, InvalidArgumentError } from 'commander';
import { counted } from '../../analysis/format.ts';
import { type Input, listInputs } from '../../capture/list-inputs.ts';
import { orderByTime } from '../../capture/order-by-time.ts';
import { SondeError } from '../../kit/errors.ts';
import { toIsoTime } from '../../kit/time.ts';
import { type CommonOptions, say, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { formatError } from '../format-error.ts';
import { defaultFlags, type Imported, type ImportFlags, startImporter } from '../importer.ts';
import { startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It takes a number above 0.');
  return value;
};

const describeReasons = (reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .map(([reason, n]) => `${n} ${reason}`)
    .join(', ');

const describe = ({ name, state, summary }: Imported): string => {
  if (summary === undefined) return `${name}: ${state}`;
  const { packets, rows, reasons, dropped, results } = summary;
  const parts = [`${counted(packets, 'packet')}, ${counted(rows, 'row')}`];
  const left = describeReasons(reasons);
  if (left !== '') parts.push(`not decoded: ${left}`);
  if (dropped !== undefined && dropped > 0) parts.push(`${counted(dropped, 'packet')} lost by the capture`);
  for (const { broken } of results) if (broken) parts.push(`breaks off at byte ${broken.offset} (${broken.reason})`);
  return `${name}: ${parts.join('; ')}`;
};

/** What to look at next, over the time that the captures cover. */
const nextCommand = (done: readonly Imported[], db: string): string | undefined => {
  const firsts = done.flatMap(({ summary }) => summary?.firstAt ?? []);
  const lasts = done.flatMap(({ summary }) => summary?.lastAt ?? []);
  if (firsts.length === 0) return undefined;
  const from = toIsoTime(Math.min(...firsts));
  const until = toIsoTime(Math.max(...lasts) + 1);
  const store = db === './sonde-store' ? '' : ` --db ${db}`;
  return `look at it: sonde show coverage --from ${from} --until ${until}${store}`;
};

type Options = CommonOptions & ImportFlags & { readonly continue?: true };

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withStore(command)
    .argument('<path...>', 'pcap or pcapng, plain or in gzip or zstd')
    .option('--continue', 'the files are one stream, in time order: open flows and names carry over')
    .option('--vantage <name>', 'name of the place that measured', 'local')
    .option('--keep-addresses', 'store raw addresses in place of pseudonyms: for a lab or a test')
    .option('--local-nets <blocks>', 'address blocks of subscribers, separated by commas; private ones by default')
    .option('--rules <path...>', 'more rule files or folders, besides those that come with sonde')
    .option('--as-database <csv>', 'dated networks that overlay the default: prefix,asn,org,from,until')
    .option('--key-file <path>', 'pseudonym key, made at first use')
    .option('--tcp-idle <seconds>', 'silence that ends a TCP flow', positive, defaultFlags.tcpIdle)
    .option('--udp-idle <seconds>', 'silence that ends any other flow', positive, defaultFlags.udpIdle)
    .option('--syn-idle <seconds>', 'silence that ends an unanswered SYN', positive, defaultFlags.synIdle)
    .option(
      '--burst-idle <seconds>',
      'silence that ends a burst of payload inside a flow',
      positive,
      defaultFlags.burstIdle,
    )
    .option('--max-flows <n>', 'live flows held at once', positive, defaultFlags.maxFlows)
    .action(async (paths: string[], options: Options) => {
      const inputs = await orderByTime(await listInputs(paths));
      if (inputs.length === 0) {
        throw new SondeError(
          'SONDE_INPUT_NOT_FOUND',
          'no files in it',
          { folder: paths.join(' ') },
          'name a capture, or a folder of captures',
        );
      }
      const importer = await startImporter(options, startProgress(terminal, options.quiet === true));
      const imported: Imported[] = [];
      const failures: SondeError[] = [];
      let skipped = 0;
      for (const group of options.continue ? [inputs] : inputs.map((input) => [input])) {
        try {
          const result = await importer.add(group.map(({ path }) => path));
          imported.push(result);
          say(terminal, options, describe(result));
        } catch (error) {
          if (!(error instanceof SondeError) || isFatal(error)) throw error;
          if (error.code === 'SONDE_FORMAT_UNKNOWN' && group.every(isFound)) skipped++;
          else {
            failures.push(error);
            terminal.err(formatError(error));
          }
        }
      }
      if (skipped > 0) say(terminal, options, `skipped ${counted(skipped, 'file')} of unknown format in folders`);
      const next = nextCommand(imported, options.db);
      if (next !== undefined) say(terminal, options, next);
      if (imported.length === 0 && failures.length > 0) done(ExitCode.FAILURE);
      else if (failures.length > 0 || imported.some(({ summary }) => summary?.state === 'partial'))
        done(ExitCode.PARTIAL);
    });
};

const isFound = ({ origin }: Input): boolean => origin === 'found';

/** Is the store or the key at fault, so that the next input would fail too? */
const isFatal = ({ code }: SondeError): boolean => code.startsWith('SONDE_STORE_') || code.startsWith('SONDE_KEY_');
