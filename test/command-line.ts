/** Runs the built program as a person would, in folders of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/sonde.js', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Sandbox {
  /** Working directory; the default store is made in it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `sonde ...args`; `input` is standard input; `killAfterMs` ends it with SIGKILL. */
  readonly sonde: (args: readonly string[], options?: { input?: Uint8Array; killAfterMs?: number }) => Promise<Outcome>;
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
    sonde: (args, { input, killAfterMs } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
        const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
        let out = '';
        let err = '';
        child.stdout.on('data', (chunk) => {
          out += chunk;
        });
        child.stderr.on('data', (chunk) => {
          err += chunk;
        });
        child.stdin.on('error', () => {});
        child.on('error', reject);
        child.on('close', (code) => {
          clearTimeout(timer);
          resolve({ code, out, err });
        });
        child.stdin.end(input);
      }),
    remove: () => rmSync(folder, { recursive: true }),
  };
};
