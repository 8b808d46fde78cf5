/** What soak tests have done so far, in `$SONDE_SOAK_FOLDER`: a run that was cut off goes on, and what is finished is not done again. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = process.env.SONDE_SOAK_FOLDER ?? join(tmpdir(), 'sonde-soak');

const path = (name: string): string => join(folder, `${name}.json`);

/** What `save` kept under a name; undefined if nothing. */
export const load = <T>(name: string): T | undefined =>
  existsSync(path(name)) ? (JSON.parse(readFileSync(path(name), 'utf8')) as T) : undefined;

export const save = (name: string, state: object): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path(name)}.part`, JSON.stringify(state));
  renameSync(`${path(name)}.part`, path(name));
};

/** A line for the manual's page of benchmarks. */
export const report = (line: string): void => {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, 'report.md'), `${line}\n`);
};

/** A line for who waits. */
export const tell = (line: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
};
