/** Runs the built program as a person would, in folders of its own. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/sonde.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  /** Standard input. */
  readonly input?: Uint8Array;
  /** File that standard output goes to. */
  readonly outTo?: string;
  /** Over those of the sandbox. */
  readonly env?: Readonly<Record<string, string>>;
  /** At its abort the program gets SIGKILL, and its code is null. */
  readonly kill?: AbortSignal;
}

export interface Sandbox {
  /** Working directory; the default store is made in it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sonde: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  readonly remove: () => void;
}

export const makeSandbox = (): Sandbox => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-cli-'));
  // The compiled address tables are shared: they hold nothing of a test, and take a second to make.
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: folder,
    TZ: 'UTC',
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(tmpdir(), 'sonde-test-cache'),
  };
  return {
    folder,
    env,
    sonde: (args, { input, outTo, kill, env: more } = {}) =>
      new Promise((resolve, reject) => {
        const file = outTo === undefined ? undefined : openSync(outTo, 'w');
        const child = spawn(process.execPath, [program, ...args], {
          cwd: folder,
          env: { ...env, ...more },
          stdio: ['pipe', file ?? 'pipe', 'pipe'],
        });
        if (file !== undefined) closeSync(file);
        kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
        let out = '';
        let err = '';
        child.stdout?.setEncoding('utf8').on('data', (chunk) => {
          out += chunk;
        });
        child.stderr?.setEncoding('utf8').on('data', (chunk) => {
          err += chunk;
        });
        child.stdin?.on('error', () => {});
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, out, err }));
        child.stdin?.end(input);
      }),
    remove: () => rmSync(folder, { recursive: true }),
  };
};
