/** Every file of a table's log: commits and checkpoints by their hashes, and what other programs read of them beside that. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LAST_CHECKPOINT,
  parquetName,
  pointerTo,
  readText,
  textName,
  verifyParquet,
  versionsOf,
} from '../delta/checkpoint.ts';
import type { Action } from '../delta/delta-commit.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { foreignCheckpoints } from '../delta/foreign-checkpoint.ts';
import { readCommits } from '../delta/read-commits.ts';
import type { Problem } from '../store-errors.ts';

/** Does the file that sends other programs to a checkpoint say what is so? Of one of theirs the contents are not known. */
const pointsTo = (text: string, version: number, actions?: readonly Action[]): boolean => {
  try {
    const last = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const expected = actions === undefined ? { version } : pointerTo(version, actions);
    return Object.entries(expected).every(([name, value]) => last[name] === value);
  } catch {
    return false;
  }
};

const verifyCheckpoints = async (folder: string): Promise<readonly (readonly string[])[]> => {
  const problems: string[][] = [];
  const names = await readdir(folder).catch(() => []);
  const last = await readFile(join(folder, LAST_CHECKPOINT), 'utf8').catch(() => undefined);
  const foreign = foreignCheckpoints(names);
  let isPointed = last === undefined || foreign.some(({ version }) => pointsTo(last, version));
  for (const version of versionsOf(names)) {
    const actions = await readText(folder, version);
    if (actions === undefined) {
      problems.push([textName(version), 'the checkpoint is not what was written']);
      continue;
    }
    isPointed ||= pointsTo(last!, version, actions.slice(1));
    const reason = await verifyParquet(folder, version, actions);
    if (reason !== undefined) problems.push([parquetName(version), reason]);
  }
  if (!isPointed) problems.push([LAST_CHECKPOINT, 'it tells of no checkpoint that is there']);
  return problems;
};

/** What is wrong with a log that was just read. */
export const verifyLog = async (
  log: DeltaLog,
): Promise<{ readonly commits: number; readonly problems: readonly Problem[] }> => {
  const found = new Map<string, string>();
  let commits = 0;
  for await (const { file, actions } of readCommits(log.folder)) {
    commits++;
    if (actions === undefined) found.set(file, 'the commit is not what was written');
  }
  for (const [name, reason] of await verifyCheckpoints(join(log.folder, '_delta_log')))
    found.set(`_delta_log/${name}`, reason!);
  if (log.problem !== undefined && !found.has(log.problem.file)) found.set(log.problem.file, log.problem.reason);
  const table = log.table.name;
  return { commits, problems: [...found].map(([file, reason]) => ({ table, file, reason })) };
};
