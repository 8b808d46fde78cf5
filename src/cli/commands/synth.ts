/** `sonde synth`: a planted operator, as tickets in a store or as packets in a capture, with the truth of all that was planted. */
import { writeFile } from 'node:fs/promises';
import { Argument, type Command } from 'commander';
import { counted, formatValue } from '../../analysis/format.ts';
import { SondeError } from '../../kit/errors.ts';
import { SECOND } from '../../kit/time.ts';
import { framesOf } from '../../synth/operator/frames-of.ts';
import { type PlantedOperator, plantedOperator } from '../../synth/operator/planted-operator.ts';
import type { OperatorPreset } from '../../synth/operator/preset.ts';
import { presets } from '../../synth/operator/presets.ts';
import { writePcap } from '../../synth/pcap-writer.ts';
import { say, whole, withStore } from '../command-line.ts';
import { defaultFlags } from '../default-flags.ts';
import { type PlantFlags, type PlantOptions, plantOperator } from '../plant-operator.ts';
import { startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends PlantFlags {
  readonly users?: number;
  readonly days?: number;
  readonly flows?: number;
  readonly seed: number;
  readonly output?: string;
  readonly truth?: string;
  readonly networks?: string;
}

const DEFAULT_SEED = 2014;
/** Addresses of subscribers are those of 10.0.0.0/8 that are not the operator's own. */
const MAX_USERS = 10_000_000;

const sizeOf = (preset: OperatorPreset, { users, days, flows, seed }: Options): PlantOptions => {
  if (users !== undefined && flows !== undefined)
    throw new SondeError('SONDE_USAGE', '--users and --flows say the same', {}, 'give one of them');
  const span = days ?? preset.days;
  const subscribers =
    flows === undefined ? (users ?? preset.subscribers) : Math.max(1, Math.round(flows / span / preset.flowsPerDay));
  if (subscribers > MAX_USERS)
    throw new SondeError(
      'SONDE_USAGE',
      `that is more than ${formatValue('count', MAX_USERS)} users`,
      {},
      'plant fewer',
    );
  return { preset, seed, subscribers, days: span };
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal): void => {
  withStore(command)
    .addArgument(
      new Argument('[preset]', 'which operator').choices(presets.map(({ name }) => name)).default(presets[0]!.name),
    )
    .option('--users <n>', 'subscribers, of whom some use the service; each preset has its number', whole(1))
    .option('--days <n>', 'days from its first one on', whole(1))
    .option('--flows <n>', 'about as many flows, in place of --users', whole(1))
    .option('--seed <n>', 'another seed is another network of the same kind', whole(0), DEFAULT_SEED)
    .option('-o, --output <pcap>', 'write packets in place of tickets')
    .option('--truth <json>', 'write what was planted')
    .option('--networks <csv>', 'write who announced the addresses, as --as-database takes it')
    .option('--vantage <name>', 'name of the place that measured', 'planted')
    .option('--keep-addresses', 'store raw addresses in place of pseudonyms')
    .option('--rules <path...>', 'more rule files or folders, besides those that come with sonde')
    .option('--key-file <path>', 'pseudonym key, made at first use')
    .action(async (name: string, options: Options) => {
      const size = sizeOf(presets.find((preset) => preset.name === name)!, options);
      const operator = await plant(size, options, terminal);
      if (operator === undefined) return;
      if (options.truth !== undefined)
        await writeText(options.truth, `${JSON.stringify(operator.truth(), undefined, 1)}\n`);
      if (options.networks !== undefined) await writeText(options.networks, operator.overlay);
      say(terminal, options, 'It is planted: it shows what the pipeline recovers, not how any real service behaves.');
    });
};

/** @returns undefined if there was nothing to do, and so no truth to be told */
const plant = async (
  size: PlantOptions,
  options: Options,
  terminal: Terminal,
): Promise<PlantedOperator | undefined> => {
  const { preset, subscribers = preset.subscribers, days = preset.days } = size;
  const what = `${preset.name}: ${counted(subscribers, 'user')}, ${counted(days, 'day')}`;
  if (options.output !== undefined) {
    const operator = plantedOperator({ ...size, burstIdleUs: defaultFlags.burstIdle * SECOND });
    try {
      const packets = writePcap(options.output, framesOf(operator));
      say(terminal, options, `${what}: ${counted(packets, 'packet')} in ${options.output}`);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === undefined ? error : unwritable(options.output, error);
    }
    return operator;
  }
  const progress = startProgress(terminal, options.quiet === true);
  const { operator, summary } = await plantOperator(size, options, terminal.env, (flows) =>
    progress.live(() => `${what}: ${formatValue('count', flows)} flows so far`),
  );
  progress.clear();
  if (summary === undefined) {
    say(terminal, options, `${what}: already planted in ${options.db}; for its truth, plant it in another store`);
    return undefined;
  }
  say(
    terminal,
    options,
    `${what}: ${counted(summary.flows, 'connection')} and ${counted(summary.packets, 'packet')} of DNS, ${counted(summary.rows, 'row')} in ${options.db}`,
  );
  return operator;
};

const unwritable = (file: string, cause: unknown): SondeError =>
  new SondeError(
    'SONDE_OUTPUT_UNWRITABLE',
    `cannot be written: ${(cause as Error).message}`,
    { file },
    'check path, permissions and room',
    cause,
  );

const writeText = async (file: string, text: string): Promise<void> => {
  await writeFile(file, text).catch((error: unknown) => {
    throw unwritable(file, error);
  });
};
