/** `sonde capture`: packets of an interface into the store while they pass. */
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { counted } from '../../analysis/format.ts';
import { type CaptureCommand, capturePrograms } from '../../capture/capture-command.ts';
import type { Losses } from '../../capture/capture-losses.ts';
import { startCapture } from '../../capture/capture-process.ts';
import { type LiveSource, pipedCapture } from '../../capture/live-source.ts';
import { SECOND, toIsoTime } from '../../kit/time.ts';
import { LabelledTickets } from '../../pipeline/labelled-tickets.ts';
import { captureLive, type LiveProgress, type LiveResult, type LiveSink } from '../../pipeline/live-capture.ts';
import { type CommonOptions, say, withStore } from '../command-line.ts';
import { ContinuedStream } from '../continued-stream.ts';
import { describeSummary, nextCommand } from '../describe-import.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { formatError } from '../format-error.ts';
import { requireFolder } from '../open-store.ts';
import { startProgress } from '../progress.ts';
import { positive, withShape } from '../shape-options.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { warnOnce } from '../warn-once.ts';
import { openWorkspace, type ShapeFlags } from '../workspace.ts';

interface Options extends CommonOptions, ShapeFlags {
  readonly interface: string;
  readonly with: CaptureCommand['program'];
  readonly filter?: string;
  readonly snaplen?: number;
  readonly buffer: number;
  readonly packets?: number;
  readonly duration?: number;
  readonly commitEvery: number;
  readonly continue?: true;
}

const DEFAULT_BUFFER_MB = 64;
const DEFAULT_COMMIT_S = 10;
const MAX_COMMIT_S = 60;
/** Commits between two looks whether there are many small segments. */
const TIDY_EVERY = 64;

const whole = (text: string): number => {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number above 0.');
  return Number(text);
};

const seconds = (text: string): number => {
  const value = positive(text);
  if (value > MAX_COMMIT_S) throw new InvalidArgumentError(`It takes ${MAX_COMMIT_S} at most.`);
  return value;
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withShape(
    withStore(command)
      .requiredOption('-i, --interface <name>', 'interface, any for all of them, or - for a capture on standard input')
      .addOption(
        new Option('--with <program>', 'program that captures, and holds the privilege')
          .choices(capturePrograms)
          .default('dumpcap'),
      )
      .option('-f, --filter <expression>', 'what to capture, in the language of pcap-filter(7)')
      .option('-s, --snaplen <bytes>', 'bytes to keep of a packet', whole)
      .option('-B, --buffer <mb>', 'kernel memory for packets that wait, MiB', whole, DEFAULT_BUFFER_MB)
      .option('-c, --packets <n>', 'end after so many packets', whole)
      .option('--duration <seconds>', 'end after so long', positive)
      .option('--commit-every <seconds>', 'packet time after which queries see more', seconds, DEFAULT_COMMIT_S)
      .option('--continue', 'go on with the stream of this vantage, and leave open what is open at the end'),
  ).action(async (options: Options) => {
    const { summary, failure } = await captureInto(options, terminal);
    if (failure !== undefined) terminal.err(formatError(failure));
    say(terminal, options, `${nameOf(options)}: ${describeSummary(summary)}`);
    const next = nextCommand([summary], options.db);
    if (next !== undefined) say(terminal, options, next);
    if (failure !== undefined || summary.state === 'partial') done(ExitCode.PARTIAL);
  });
};

const nameOf = (options: Options): string => options.interface;

const openSource = (options: Options): Promise<LiveSource> | LiveSource =>
  options.interface === '-'
    ? pipedCapture(process.stdin)
    : startCapture({ program: options.with, bufferMb: options.buffer, ...options });

const captureInto = async (options: Options, terminal: Terminal): Promise<LiveResult> => {
  if (options.continue) requireFolder(options);
  const workspace = await openWorkspace(options, terminal.env);
  const { store } = workspace;
  const continued = options.continue ? new ContinuedStream(workspace) : undefined;
  const id = randomBytes(8).toString('hex');
  const tickets = (await continued?.tickets()) ?? new LabelledTickets({ ...workspace.options, source: id });
  tickets.begin(id);
  const live = continued?.begin(id);
  const stream = live ?? store.beginStream(id);
  // Beside the capture, which goes on.
  let upkeep = Promise.resolve();
  const warn = warnOnce(terminal);
  const sink: LiveSink = {
    write: (batch) => stream.write(batch),
    commit: async (row, checkpoint) => {
      // Packets that were read are told of: those that come are labelled by the rules as their files are now.
      tickets.useCatalog(workspace.rules.renew(warn));
      if (continued === undefined || live === undefined || checkpoint === undefined) await stream.commit(row);
      else await continued.commit(live, row, checkpoint);
      if (stream.commits % TIDY_EVERY === 0) upkeep = upkeep.then(() => store.tidy(warn));
    },
  };
  const source = await openSource(options);
  const forgetSignals = onStopSignal(() => source.stop());
  const timer = options.duration && setTimeout(() => source.stop(), options.duration * 1000);
  const progress = startProgress(terminal, options.quiet === true);
  try {
    return await captureLive(tickets, source, sink, {
      name: nameOf(options),
      commitUs: options.commitEvery * SECOND,
      isContinued: continued !== undefined,
      now: () => performance.now() * 1000,
      onProgress: (now) => progress.live(() => describeProgress(nameOf(options), now())),
    });
  } catch (error) {
    source.abandon();
    await stream.abort();
    throw error;
  } finally {
    clearTimeout(timer);
    forgetSignals();
    progress.clear();
    await upkeep;
  }
};

const describeLosses = ({ kernel, interface: ofInterface, program }: Losses): string => {
  const parts = [
    kernel === undefined ? '' : `${kernel} by the kernel`,
    ofInterface === undefined ? '' : `${ofInterface} by the interface`,
    program === undefined || program === 0 ? '' : `${program} by the capturing program`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `, lost ${parts.join(', ')}`;
};

const describeProgress = (name: string, { summary, losses, openFlows, clock }: LiveProgress): string => {
  const { packets, rows, malformed } = summary;
  const until = Number.isNaN(clock) ? '' : ` until ${toIsoTime(clock).slice(0, 19)}Z`;
  const broken = malformed > 0 ? `, ${malformed} not decoded` : '';
  return `${name}: ${counted(packets, 'packet')}${until}, ${counted(rows, 'row')}, ${counted(openFlows, 'flow')} open${describeLosses(losses)}${broken}`;
};
