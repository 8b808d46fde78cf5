/** A log in one file, so that nobody needs to read it from its beginning (Delta protocol, "Checkpoints"). */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { literal, startEngine } from '../engine/engine.ts';
import { checkSegment, hashFile } from './check-segment.ts';
import { type Action, importsVersionOf, parseCommit, writeCommit } from './delta-commit.ts';
import { sync, writeOnce } from './write-once.ts';

/** Where the reading of a log ends, for a table as it was: nothing that came later is in it. */
export interface Bound {
  /** Of its own log. */
  readonly version?: number;
  /** Of the log of imports. */
  readonly importsVersion?: number;
}

/** Was it made without anything of the log of imports that came later? */
export const isWithin = ({ importsVersion = Number.POSITIVE_INFINITY }: Bound, actions: readonly Action[]): boolean =>
  importsVersionOf(actions) <= importsVersion;

/** Commits between two checkpoints. */
export const CHECKPOINT_EVERY = 64;

const versionText = (version: number): string => String(version).padStart(20, '0');
export const textName = (version: number): string => `.${versionText(version)}.checkpoint`;
export const parquetName = (version: number): string => `${versionText(version)}.checkpoint.parquet`;

/** The columns of a checkpoint, an action each. */
const columns = {
  txn: 'STRUCT("appId" VARCHAR, "version" BIGINT, "lastUpdated" BIGINT)',
  add: 'STRUCT("path" VARCHAR, "partitionValues" MAP(VARCHAR, VARCHAR), "size" BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN, "stats" VARCHAR, "tags" MAP(VARCHAR, VARCHAR))',
  remove: 'STRUCT("path" VARCHAR, "deletionTimestamp" BIGINT, "dataChange" BOOLEAN)',
  metaData:
    'STRUCT("id" VARCHAR, "name" VARCHAR, "description" VARCHAR, "format" STRUCT("provider" VARCHAR, "options" MAP(VARCHAR, VARCHAR)), "schemaString" VARCHAR, "partitionColumns" VARCHAR[], "configuration" MAP(VARCHAR, VARCHAR), "createdTime" BIGINT)',
  protocol:
    'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[], "writerFeatures" VARCHAR[])',
};
const names = Object.keys(columns).map((name) => `"${name}"`);
const types = Object.entries(columns).map(([name, type]) => `"${name}": ${literal(type)}`);

/** The actions of a text as rows, one a column of which is not NULL. */
const rowsOf = (text: string): string =>
  `SELECT ${names.join(', ')} FROM read_json(${literal(text)}, format = 'newline_delimited', columns = {${types.join(', ')}})
   WHERE NOT (${names.map((name) => `${name} IS NULL`).join(' AND ')})`;

/** What sends other programs to a checkpoint. */
export const LAST_CHECKPOINT = '_last_checkpoint';

/** What stands in it. */
export const pointerTo = (version: number, actions: readonly Action[]): Readonly<Record<string, number>> => {
  const adds = actions.filter(({ add }) => add !== undefined).length;
  return { version, size: actions.length, numOfAddFiles: adds };
};

/** Puts a file in the place of another one, wholly. */
const replace = async (path: string, write: (aside: string) => Promise<unknown>): Promise<void> => {
  const aside = join(path, '..', `.${randomUUID()}.tmp`);
  try {
    await write(aside);
    await sync(aside);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
};

/** The Parquet file of the protocol; the answer is its SHA-256. */
const writeParquet = async (folder: string, version: number, actions: readonly Action[]): Promise<string> => {
  const lines = join(folder, `.${randomUUID()}.tmp`);
  const path = join(folder, parquetName(version));
  const engine = await startEngine({ memoryMb: 256, threads: 1 });
  try {
    await writeFile(lines, actions.map((action) => JSON.stringify(action)).join('\n'));
    const connection = await engine.connect();
    await replace(path, (aside) =>
      connection.run(`COPY (${rowsOf(lines)}) TO ${literal(aside)} (FORMAT parquet, COMPRESSION zstd)`),
    );
  } finally {
    engine.closeSync();
    await rm(lines, { force: true }).catch(() => undefined);
  }
  return hashFile(path);
};

/**
 * Writes the checkpoint of a version: the Parquet file of the protocol for other programs, then a text in the form of a
 * commit, with hashes of itself and of that file, from which this program reads it without an engine, and at last what
 * sends the others to it. To be called by whoever made the commit of this version.
 *
 * @param folder `_delta_log`
 * @param actions the state at this version
 * @param at milliseconds since 1970
 * @param importsVersion see `TableState`
 */
export const writeCheckpoint = async (
  folder: string,
  version: number,
  actions: readonly Action[],
  at: number,
  importsVersion: number,
): Promise<void> => {
  const parquetSha256 = await writeParquet(folder, version, actions);
  const info = { operation: 'CHECKPOINT', importsVersion, parquetSha256 };
  await writeOnce(join(folder, textName(version)), writeCommit(actions, at, info));
  const last = JSON.stringify(pointerTo(version, actions));
  await replace(join(folder, LAST_CHECKPOINT), (aside) => writeFile(aside, last));
  await sync(folder);
};

/** Versions of which there is a text, the newest first. */
export const versionsOf = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => /^\.(\d{20})\.checkpoint$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);

/** The actions of a checkpoint; undefined if it is not what was written. @param folder `_delta_log` */
export const readText = async (folder: string, version: number): Promise<readonly Action[] | undefined> =>
  parseCommit(await readFile(join(folder, textName(version)), 'utf8').catch(() => ''));

/** Is it what was written, and there for other programs too? */
export const isWholeCheckpoint = async (folder: string, version: number): Promise<boolean> =>
  existsSync(join(folder, parquetName(version))) && (await readText(folder, version)) !== undefined;

/**
 * What is wrong with the Parquet file of a checkpoint; undefined if it is what was written.
 *
 * @param folder `_delta_log`
 * @param actions those of the text
 */
export const verifyParquet = (
  folder: string,
  version: number,
  actions: readonly Action[],
): Promise<string | undefined> => {
  const sha256 = actions.find(({ commitInfo }) => commitInfo !== undefined)?.commitInfo?.parquetSha256;
  return checkSegment(join(folder, parquetName(version)), { sha256: String(sha256) }, true);
};

export interface Checkpoint {
  readonly version: number;
  readonly actions: readonly Action[];
}

/**
 * The newest checkpoint that is what was written, beyond a version and within bounds; undefined if there is none.
 *
 * @param folder `_delta_log`
 */
export const readCheckpoint = async (
  folder: string,
  beyond: number,
  bound: Bound = {},
): Promise<Checkpoint | undefined> => {
  const names = await readdir(folder).catch(() => []);
  for (const version of versionsOf(names)) {
    if (version <= beyond) break;
    if (version > (bound.version ?? version)) continue;
    const actions = await readText(folder, version);
    if (actions !== undefined && isWithin(bound, actions)) return { version, actions };
  }
  return undefined;
};
