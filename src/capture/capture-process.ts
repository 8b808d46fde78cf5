/** A live capture: dumpcap or tcpdump as a child process, which holds the privilege that Sonde does not need. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { SondeError } from '../kit/errors.ts';
import { type CaptureCommand, captureArguments } from './capture-command.ts';
import { failureOf } from './capture-failure.ts';
import { parseLosses, readInterfaceDrops } from './capture-losses.ts';
import type { LiveSource } from './live-source.ts';

/**
 * The kernel hands packets over in blocks, and one that is not full after a time: 250 ms and 1 s are what the programs
 * ask for. A program that ends leaves the last block behind, so it is asked to end only when all that passed until now
 * has been handed over.
 */
const HOLD_MS = { dumpcap: 500, tcpdump: 1500 } as const;

/** After this a program that was asked to end is killed; what it still holds is lost then. */
const PATIENCE_MS = 10_000;
const MAX_MESSAGE_CHARACTERS = 1 << 16;

/**
 * Starts the program. It begins a session of its own, so that Ctrl-C reaches Sonde alone, which then asks it to end and
 * takes what it still has.
 */
export const startCapture = async (command: CaptureCommand): Promise<LiveSource> => {
  const child = spawn(command.program, captureArguments(command), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  await started(child, command);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_MESSAGE_CHARACTERS);
  });
  let isStopped = false;
  let isKilled = false;
  let patience: NodeJS.Timeout | undefined;
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(patience);
      resolve(code);
    });
  });
  const dropsBefore = await readInterfaceDrops(command.interface);
  return {
    chunks: child.stdout,
    stop() {
      if (isStopped) return;
      isStopped = true;
      patience = setTimeout(() => {
        child.kill('SIGINT');
        patience = setTimeout(() => {
          isKilled = true;
          child.kill('SIGKILL');
        }, PATIENCE_MS);
      }, HOLD_MS[command.program]);
    },
    async losses() {
      // It answers on standard error, in time for the next question.
      if (command.program === 'tcpdump' && child.exitCode === null) child.kill('SIGUSR1');
      const told = parseLosses(said);
      if (told?.interface !== undefined) return told;
      const drops = await readInterfaceDrops(command.interface);
      if (drops === undefined || dropsBefore === undefined) return told ?? {};
      return { ...told, interface: drops - dropsBefore };
    },
    async failure() {
      const code = await ended;
      // Both end with 0 where an interface disappears; the one other end that is meant is that of `packets`.
      const isMeant = isStopped ? !isKilled : code === 0 && command.packets !== undefined;
      if (isMeant) return undefined;
      return failureOf(command, said, code ?? child.signalCode);
    },
    abandon() {
      child.kill('SIGKILL');
      child.stdout.destroy();
    },
  };
};

const started = async (
  child: ChildProcessByStdio<null, Readable, Readable>,
  { program }: CaptureCommand,
): Promise<void> => {
  try {
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SondeError(
      'SONDE_CAPTURE_FAILED',
      missing ? `there is no program ${program}` : `${program} cannot be started: ${(error as Error).message}`,
      { program },
      missing
        ? 'install it (Debian: wireshark-common has dumpcap, tcpdump has tcpdump), or name the other one with --with'
        : 'check its permissions: members of its group may run it',
      error,
    );
  }
};
