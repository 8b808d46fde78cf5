/** Options that commands share, and what they resolve to. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SondeError } from '../kit/errors.ts';
import { parseInstant } from './parse-instant.ts';
import { rowFormats } from './rows-output.ts';
import type { Terminal } from './terminal.ts';

export interface CommonOptions {
  readonly db: string;
  readonly quiet?: true;
}

export interface RangeOptions {
  readonly from?: string;
  readonly until?: string;
  readonly tz: string;
}

/** `--db` and `-q`. */
export const withStore = (command: Command): Command =>
  command
    .addOption(
      new Option('--db <store>', 'folder, or clickhouse://host:port/database').env('SONDE_DB').default('./sonde-store'),
    )
    .option('-q, --quiet', 'no progress and no messages');

/** `--from`, `--until`. */
export const withTimes = (command: Command): Command =>
  command
    .option('--from <time>', "start of the range, inclusive: ISO 8601 or '6 hours ago'")
    .option('--until <time>', 'end of the range, exclusive');

/** `--from`, `--until`, `--tz`. */
export const withRange = (command: Command): Command =>
  withTimes(command).option('--tz <zone>', 'time zone for what is printed, as in Europe/Vienna', 'UTC');

/** Parses a whole number. */
export const whole =
  (least: 0 | 1) =>
  (text: string): number => {
    if (/^\d{1,15}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It takes a whole number${least === 1 ? ' above 0' : ''}.`);
  };

/** `--snapshot`. */
export const withSnapshot = (command: Command): Command =>
  command.option('--snapshot <n>', 'the store as it was then: `sonde db history` lists snapshots', whole(0));

export const withFormat = (command: Command): Command =>
  command.addOption(new Option('--format <format>', 'output format').choices(rowFormats).default('table'));

/** [from, until) in UTC microseconds; undefined where nothing was said. */
export const resolveTimes = (
  { from, until }: Pick<RangeOptions, 'from' | 'until'>,
  now: Date,
): { from: number | undefined; until: number | undefined } => ({
  from: from === undefined ? undefined : parseInstant(from, now),
  until: until === undefined ? undefined : parseInstant(until, now),
});

/** The same, and the time zone. */
export const resolveRange = (
  { tz, ...times }: RangeOptions,
  now: Date,
): ReturnType<typeof resolveTimes> & { timezone: string } => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz });
  } catch (cause) {
    throw new SondeError('SONDE_USAGE', 'not a time zone', { tz }, 'use a name such as UTC or Europe/Vienna', cause);
  }
  return { ...resolveTimes(times, now), timezone: tz };
};

/** Says something to a person, unless told to be quiet. */
export const say = (terminal: Terminal, { quiet }: { readonly quiet?: true }, text: string): void => {
  if (!quiet) terminal.err(`${text}\n`);
};
