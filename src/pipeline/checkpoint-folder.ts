/** The checkpoints of one stream: a file each turn, of which the one counts whose commit the store has. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointHead, readCheckpointHead, unusableCheckpoint } from './checkpoint-file.ts';

const nameOf = (turn: number, appId: string): string =>
  `${String(turn).padStart(8, '0')}-${appId.replace(/[^0-9a-z]+/g, '-')}.checkpoint`;

/** NaN for what is no checkpoint. Those that were never finished count, for they hold as much. */
const turnOf = (name: string): number =>
  Number(/^(\d{8})-[0-9a-z-]+\.checkpoint(\.[0-9a-f]+\.tmp)?$/.exec(name)?.[1] ?? Number.NaN);

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Where the checkpoint of a turn stands: two commands that try the same turn with other packets have a file each. */
export const checkpointPath = (folder: string, turn: number, appId: string): string =>
  join(folder, nameOf(turn, appId));

/**
 * The checkpoint of a turn that was taken.
 *
 * @param isTaken tells whether the store has the commit that a checkpoint follows: one without it is of an attempt
 * that was killed
 * @throws SONDE_CHECKPOINT_UNUSABLE if there is none
 */
export const findCheckpoint = async (
  folder: string,
  turn: number,
  isTaken: (head: CheckpointHead) => Promise<boolean>,
): Promise<string> => {
  let damage: unknown;
  const names = (await namesIn(folder)).filter((name) => turnOf(name) === turn && name.endsWith('.checkpoint'));
  for (const name of names) {
    const path = join(folder, name);
    try {
      if (await isTaken(await readCheckpointHead(path))) return path;
    } catch (error) {
      damage = error;
    }
  }
  if (damage !== undefined) throw damage;
  throw unusableCheckpoint(
    'what was open at the end of the last command of this stream is not there',
    folder,
    'put the checkpoint back, under this name if the store was moved; or give up what was open in it with --fresh',
  );
};

/** Removes what no later command needs: the checkpoints of this turn and of those before it, but one. */
export const removeCheckpoints = async (folder: string, turn: number, kept?: string): Promise<void> => {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (turnOf(name) <= turn && path !== kept) await rm(path, { force: true }).catch(() => undefined);
  }
};
