/** Shortens a log: commits that two checkpoints cover, and older checkpoints, go. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isWholeCheckpoint, LAST_CHECKPOINT, versionsOf } from './checkpoint.ts';

/** Version of the checkpoint that other programs are sent to; none if there is no such file. */
const lastCheckpoint = async (folder: string): Promise<number> => {
  try {
    const { version } = JSON.parse(await readFile(join(folder, LAST_CHECKPOINT), 'utf8')) as { version?: unknown };
    return typeof version === 'number' ? version : -1;
  } catch {
    return -1;
  }
};

/**
 * Removes what lies before the second newest checkpoint, so that the log can still be read if the newest one is
 * damaged. Both are looked at before. Commits go in the order of their versions, by which a reader tells that there
 * are some which it never saw.
 *
 * @param folder `_delta_log`
 * @param before milliseconds since 1970: what was written later stays
 */
export const cleanLog = async (folder: string, before: number): Promise<{ files: number; bytes: number }> => {
  const names = await readdir(folder).catch(() => []);
  const whole: number[] = [];
  for (const version of versionsOf(names))
    if (whole.length < 2 && (await isWholeCheckpoint(folder, version))) whole.push(version);
  const border = whole.length < 2 ? -1 : Math.min(whole[1]!, await lastCheckpoint(folder));
  const isBefore = (name: string): boolean => Number(/^\.?(\d{20})\./.exec(name)?.[1] ?? Number.NaN) < border;
  let files = 0;
  let bytes = 0;
  const remove = async (name: string): Promise<boolean> => {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || found.mtimeMs >= before) return false;
    await rm(join(folder, name), { force: true });
    files++;
    bytes += found.size;
    return true;
  };
  const commits = names.filter((name) => name.endsWith('.json') && isBefore(name)).sort();
  for (const name of commits) if (!(await remove(name))) break;
  for (const name of names)
    if ((/checkpoint/.test(name) && isBefore(name)) || /^\..*\.tmp$/.test(name)) await remove(name);
  return { files, bytes };
};
