/** The commits of a table that are still there, one by one: what its history is told from, and what can be checked of it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Action, parseCommit } from './delta-commit.ts';

export interface ReadCommit {
  readonly version: number;
  /** File name inside the table's folder. */
  readonly file: string;
  /** Undefined if it is not what was written, or cannot be read. */
  readonly actions: readonly Action[] | undefined;
}

/** Reads them in order. @param folder the table's */
export async function* readCommits(folder: string): AsyncGenerator<ReadCommit> {
  const names = await readdir(join(folder, '_delta_log')).catch(() => []);
  for (const name of names.filter((one) => /^\d{20}\.json$/.test(one)).sort()) {
    const file = `_delta_log/${name}`;
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    yield { version: Number(name.slice(0, 20)), file, actions: parseCommit(text) };
  }
}
