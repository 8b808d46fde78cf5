/** Disks without room: small file systems in memory, and what fills them. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, truncateSync, writeSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';

/** Makes the folder a file system of `kb` KiB until the test ends; undefined where mounting is not allowed. */
export const mountSmallDisk = (folder: string, kb: number): string | undefined => {
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kb}k`, 'tmpfs', folder]).status !== 0) return undefined;
  onTestFinished(() => {
    spawnSync('umount', [folder]);
  });
  return folder;
};

/** Writes `path` until the disk is full, and gives `room` bytes of it back. */
export const fillDisk = (path: string, room = 0): void => {
  const file = openSync(path, 'w');
  let bytes = 0;
  try {
    for (;;) bytes += writeSync(file, Buffer.alloc(4096, 1));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(file);
  }
  truncateSync(path, bytes - room);
};
