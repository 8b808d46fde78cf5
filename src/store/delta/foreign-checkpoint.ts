/** Checkpoints of other programs (Delta protocol, "Classic checkpoint"): read where the commits before them are gone. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { literal, startEngine } from '../engine/engine.ts';
import { type Bound, type Checkpoint, textName } from './checkpoint.ts';
import type { Action } from './delta-commit.ts';

interface ForeignFiles {
  readonly version: number;
  /** One, or all parts. */
  readonly files: readonly string[];
}

/** Those that are there with all their parts, the newest first; what has a text beside it is this program's own. */
export const foreignCheckpoints = (names: readonly string[]): readonly ForeignFiles[] => {
  const byKind = new Map<string, string[]>();
  for (const name of names) {
    const [, version, parts = '0000000001'] = /^(\d{20})\.checkpoint(?:\.\d{10}\.(\d{10}))?\.parquet$/.exec(name) ?? [];
    if (version === undefined || names.includes(textName(Number(version)))) continue;
    const kind = `${version}.${parts}`;
    byKind.set(kind, [...(byKind.get(kind) ?? []), name]);
  }
  return [...byKind]
    .map(([kind, files]) => ({ version: Number(kind.slice(0, 20)), parts: Number(kind.slice(21)), files }))
    .filter(({ parts, files }) => files.length === parts)
    .sort((a, b) => b.version - a.version);
};

/** Is there one of the newer kind beyond a version, which is in files of any names? @param folder `_delta_log` */
export const hasNewerKind = async (folder: string, beyond: number): Promise<boolean> =>
  (await readdir(folder).catch(() => [])).some((name) => {
    const version = /^(\d{20})\.checkpoint\.[0-9a-f]{8}-[0-9a-f-]{27}\.(?:parquet|json)$/.exec(name)?.[1];
    return version !== undefined && Number(version) > beyond;
  });

const isPresent = (action: Readonly<Record<string, unknown>>): Action =>
  Object.fromEntries(Object.entries(action).filter(([, value]) => value !== null)) as Action;

const readActions = async (paths: readonly string[]): Promise<readonly Action[]> => {
  const engine = await startEngine({ memoryMb: 256, threads: 1 });
  const connection = await engine.connect();
  try {
    const files = paths.map(literal).join(', ');
    const rows = await connection.runAndReadAll(
      `SELECT to_json(one)::VARCHAR FROM read_parquet([${files}], union_by_name = true) AS one`,
    );
    return rows.getRows().map(([text]) => isPresent(JSON.parse(String(text)) as Record<string, unknown>));
  } finally {
    connection.closeSync();
    engine.closeSync();
  }
};

/**
 * The newest of them beyond a version that the engine can read; undefined if there is none. It carries no hash, so it is
 * believed until this program writes its next one. On which version of the log of imports it stands, it does not tell.
 *
 * @param folder `_delta_log`
 */
export const readForeignCheckpoint = async (
  folder: string,
  beyond: number,
  bound: Bound = {},
): Promise<Checkpoint | undefined> => {
  if (bound.importsVersion !== undefined) return undefined;
  for (const { version, files } of foreignCheckpoints(await readdir(folder).catch(() => []))) {
    if (version <= beyond) break;
    if (version > (bound.version ?? version)) continue;
    const actions = await readActions(files.map((file) => join(folder, file))).catch(() => undefined);
    if (actions !== undefined && actions.length > 0) return { version, actions };
  }
  return undefined;
};
