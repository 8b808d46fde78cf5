/** The program: commands, their errors, their exit codes. */
import { Command, CommanderError } from 'commander';
import { SondeError } from '../kit/errors.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { importCommand } from './commands/import.ts';
import { importsCommand } from './commands/imports.ts';
import { queryCommand } from './commands/query.ts';
import { reportCommand } from './commands/report.ts';
import { servicesCommand } from './commands/services.ts';
import { showCommand } from './commands/show.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import { formatError } from './format-error.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

const commands = [
  importCommand,
  showCommand,
  reportCommand,
  explainCommand,
  queryCommand,
  importsCommand,
  servicesCommand,
  doctorCommand,
  demoCommand,
];

/** The command line with all its commands. `done` hears of every exit code but 0. */
export const buildProgram = (terminal: Terminal, done: Done): Command => {
  const program = new Command('sonde')
    .description('Dissects an Internet service from network measurements.')
    .version(version())
    .showHelpAfterError('(sonde --help lists the commands)')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, getOutHelpWidth: () => terminal.width })
    .exitOverride();
  for (const add of commands) add(program, terminal, done);
  return program;
};

/** Runs the command line `argv` (without node and script). */
const run = async (argv: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = ExitCode.OK;
  const program = buildProgram(terminal, (result) => {
    code = result;
  });
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
};
