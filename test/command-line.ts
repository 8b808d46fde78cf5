/** Runs the built program as a person would, in folders of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const program = fileURLToPath(new URL('../bin/sonde.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface StartOptions {
  /** File that standard output goes to. */
  readonly outTo?: string;
  /** Over those of the sandbox. */
  readonly env?: Readonly<Record<string, string>>;
  /** At its abort the program gets SIGKILL, and its code is null. */
  readonly kill?: AbortSignal;
  /** What runs the program, with its arguments: `ip netns exec NAME`. */
  readonly under?: readonly string[];
}

interface RunOptions extends StartOptions {
  /** Standard input. */
  readonly input?: Uint8Array;
}

/** A program that runs: `ip netns exec` becomes it, so that signals reach it. */
interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable | null, Readable>;
  readonly outcome: Promise<Outcome>;
}

export interface Sandbox {
  /** Working directory; the default store is made in it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly start: (args: readonly string[], options?: StartOptions) => Running;
  readonly sonde: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** The same of what must go well. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** The rows that a store gives to a query. */
  readonly ask: (db: string, sql: string) => Promise<Record<string, unknown>[]>;
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
  const start: Sandbox['start'] = (args, { outTo, kill, under = [], env: more } = {}) => {
    const file = outTo === undefined ? undefined : openSync(outTo, 'w');
    const [first, ...words] = [...under, process.execPath, program, ...args];
    const child = spawn(first!, words, {
      cwd: folder,
      env: { ...env, ...more },
      stdio: ['pipe', file ?? 'pipe', 'pipe'],
    }) as Running['child'];
    if (file !== undefined) closeSync(file);
    kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      err += chunk;
    });
    child.stdin.on('error', () => {});
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    });
    return { child, outcome };
  };
  const sonde: Sandbox['sonde'] = (args, { input, ...options } = {}) => {
    const { child, outcome } = start(args, options);
    child.stdin.end(input);
    return outcome;
  };
  const run: Sandbox['run'] = async (args, options) => {
    const outcome = await sonde(args, options);
    expect(outcome.code, outcome.err).toBe(0);
    return outcome;
  };
  return {
    folder,
    env,
    start,
    sonde,
    run,
    ask: async (db, sql) => JSON.parse((await run(['query', sql, '--db', db, '--format', 'json'])).out),
    remove: () => rmSync(folder, { recursive: true }),
  };
};
