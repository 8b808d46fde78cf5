/** `sonde export`: the rows of a table as they are stored, to a file or to standard output. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { counted } from '../../analysis/format.ts';
import { SondeError } from '../../kit/errors.ts';
import type { TicketSnapshot } from '../../store/index.ts';
import type { Table } from '../../tickets/column.ts';
import {
  type CommonOptions,
  type RangeOptions,
  resolveTimes,
  withSnapshot,
  withStore,
  withTimes,
} from '../command-line.ts';
import type { Done } from '../done.ts';
import { type Progress, startProgress } from '../progress.ts';
import { type RowFormat, writeRows } from '../rows-output.ts';
import { sendParquet } from '../send-parquet.ts';
import { untilStopped } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { writeWholeFile } from '../write-whole-file.ts';

const formats = ['csv', 'ndjson', 'json', 'parquet'] as const;
type Format = (typeof formats)[number];

interface Options extends CommonOptions, Pick<RangeOptions, 'from' | 'until'> {
  readonly output?: string;
  readonly format?: Format;
  readonly snapshot?: number;
}

/** What the ending of the file's name says. */
const formatOf = (output: string): Format => {
  const ending = extname(output).slice(1).toLowerCase();
  return formats.find((format) => format === ending) ?? 'csv';
};

/** The rows of [from, until) by when they happened, or were reported where that is not known; UTC microseconds. */
const selectSql = (table: Table, from: number | undefined, until: number | undefined): string => {
  const [reportedAt, happenedAt] = Object.entries(table.columns).flatMap(([name, { kind }]) =>
    kind === 'time' ? [name] : [],
  );
  const at = `coalesce(${happenedAt}, ${reportedAt})`;
  const bounds = [
    ...(from === undefined ? [] : [`${at} >= fromUnixTimestamp64Micro(${from})`]),
    ...(until === undefined ? [] : [`${at} < fromUnixTimestamp64Micro(${until})`]),
  ];
  return `SELECT * FROM ${table.name}${bounds.length > 0 ? ` WHERE ${bounds.join(' AND ')}` : ''}`;
};

/** Takes rows in chunks, counts them and shows how many there are. */
async function* watched<T>(chunks: AsyncIterable<readonly T[]>, name: string, progress: Progress) {
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.length;
    progress.live(() => `${name}: ${counted(rows, 'row')}`);
    yield chunk;
  }
}

interface Job {
  readonly name: string;
  readonly sql: string;
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

const writeText = async (
  snapshot: TicketSnapshot,
  job: Job,
  format: RowFormat,
  write: Terminal['out'],
): Promise<void> => {
  const result = await snapshot.userQuery(job.sql, {}, { signal: job.signal });
  await writeRows(result.columns, watched(result, job.name, job.progress), format, write, Number.POSITIVE_INFINITY);
};

const exportTo = async (snapshot: TicketSnapshot, job: Job, output: string): Promise<void> =>
  writeWholeFile(output, async (aside) => {
    const { sql, format, signal } = job;
    if (format === 'parquet') return snapshot.userParquet(sql, aside, {}, { signal });
    const file = await open(aside, 'wx');
    try {
      await writeText(snapshot, job, format, async (text) => file.writeFile(text));
    } finally {
      await file.close();
    }
  });

/** @throws SONDE_USAGE if there is none of that name */
const tableOf = ({ tables }: TicketSnapshot, name: string): Table => {
  const found = tables.find((table) => table.name === name);
  if (found !== undefined) return found;
  const names = tables.map((table) => table.name).join(', ');
  throw new SondeError('SONDE_USAGE', 'there is no such table', { table: name }, `name one of ${names}`);
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withSnapshot(withTimes(withStore(command)))
    .argument('<table>', 'the table, of tickets or of a job')
    .option('-o, --output <file>', 'file to write, in place of one that is there; standard output without it')
    .addOption(new Option('--format <format>', 'csv, unless the ending of the file says another').choices(formats))
    .action(async (name: string, options: Options) => {
      const { output } = options;
      const { from, until } = resolveTimes(options, terminal.now());
      const format = options.format ?? (output === undefined ? 'csv' : formatOf(output));
      const progress = startProgress(terminal, options.quiet === true);
      const write = (signal: AbortSignal): Promise<void> =>
        useSnapshot(options, terminal, done, async (whole) => {
          const table = tableOf(whole, name);
          const snapshot = whole.within(from ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY);
          const job = { name, sql: selectSql(table, from, until), format, signal, progress };
          if (output !== undefined) await exportTo(snapshot, job, output);
          else if (format === 'parquet') await sendParquet(snapshot, job.sql, {}, { signal });
          else await writeText(snapshot, job, format, terminal.out);
        });
      try {
        await untilStopped(write);
      } finally {
        progress.clear();
      }
    });
};
