/** The program: commands, their errors, their exit codes. */
import { Command, CommanderError } from 'commander';
import { SondeError } from '../kit/errors.ts';
import { hasGivenUpWork } from '../kit/given-up-work.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import { formatError } from './format-error.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

interface CommandModule {
  readonly addTo: (command: Command, terminal: Terminal, done: Done) => void;
}

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Read only when it is asked for: engines and figures take longer to load than most commands to run. */
  readonly load: () => Promise<CommandModule>;
}

const commands: readonly Entry[] = [
  {
    name: 'import',
    summary: 'import captures: files, folders, patterns, or - for standard input',
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'capture',
    summary: 'capture packets of an interface while they pass',
    load: () => import('./commands/capture.ts'),
  },
  {
    name: 'show',
    summary: 'run an analysis: its findings, tables and how they were computed',
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'lab',
    summary: 'what a tester did, against the names that a capture shows meanwhile',
    load: () => import('./commands/lab.ts'),
  },
  {
    name: 'report',
    summary: 'write the study of a service as one page that needs nothing else',
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'explain',
    summary: 'one flow with the evidence of its name and service',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'query',
    summary: 'run one SELECT over the tables of the store',
    load: () => import('./commands/query.ts'),
  },
  {
    name: 'export',
    summary: 'the rows of a table, to a file or to standard output',
    load: () => import('./commands/export.ts'),
  },
  { name: 'imports', summary: 'list the imports of the store', load: () => import('./commands/imports.ts') },
  {
    name: 'services',
    summary: 'list services, or test which rule owns a name',
    load: () => import('./commands/services.ts'),
  },
  {
    name: 'reclassify',
    summary: 'label what is stored by the rules and address databases of now',
    load: () => import('./commands/reclassify.ts'),
  },
  {
    name: 'db',
    summary: 'the store itself: its tables, its history, and what keeps it small',
    load: () => import('./commands/db.ts'),
  },
  {
    name: 'jobs',
    summary: 'queries that roll over the store, window by window',
    load: () => import('./commands/jobs.ts'),
  },
  {
    name: 'doctor',
    summary: 'check program, key, rules, databases and store',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'synth',
    summary: 'plant a made-up operator whose every quantity is known: tickets, or packets, and the truth',
    load: () => import('./commands/synth.ts'),
  },
  {
    name: 'demo',
    summary: 'plant a capture of a made-up operator in February 2014, import it, and show what is found',
    load: () => import('./commands/demo.ts'),
  },
];

/**
 * The command line with all its commands, of which those that `isWanted` are whole and the others only named.
 *
 * @param done hears of every exit code but 0
 */
export const buildProgram = async (
  terminal: Terminal,
  done: Done,
  isWanted: (command: string) => boolean = () => true,
): Promise<Command> => {
  const program = new Command('sonde')
    .description('Dissects an Internet service from network measurements.')
    .version(version())
    .showHelpAfterError('(sonde --help lists the commands)')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, getOutHelpWidth: () => terminal.width })
    .exitOverride();
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (isWanted(name)) (await load()).addTo(command, terminal, done);
  }
  return program;
};

/** Runs the command line `argv` (without node and script). */
const run = async (argv: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = ExitCode.OK;
  const done: Done = (result) => {
    code = result;
  };
  const program = await buildProgram(terminal, done, (name) => argv.includes(name));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    terminal.err(formatError(error));
    return error instanceof SondeError && error.code === 'SONDE_USAGE' ? ExitCode.USAGE : ExitCode.FAILURE;
  }
};

/** The entry of `bin/sonde.js`. */
export const main = async (): Promise<void> => {
  process.exitCode = await run(process.argv.slice(2), processTerminal());
  // A query was given up that the engine cannot end; a plain exit would wait for it.
  if (hasGivenUpWork()) process.kill(process.pid, 'SIGKILL');
};
