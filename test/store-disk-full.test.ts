/** A full disk: a clear error, nothing visible by half, and everything works again once there is room. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../src/store/index.ts';
import { flows } from '../src/tickets/index.ts';
import { addFlows, ask, importRow, sealRows, temporaryFolder } from './store-fixture.ts';

/** A file system of `kb` KiB, or undefined where mounting is not allowed. */
const mountSmallDisk = (kb: number): string | undefined => {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kb}k`, 'tmpfs', folder]).status !== 0) return undefined;
  onTestFinished(() => {
    spawnSync('umount', [folder]);
  });
  return folder;
};

const incompressibleFlows = (id: string, count: number) => {
  let state = 1;
  const word = (): string => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state.toString(16).padStart(8, '0');
  };
  return sealRows(
    flows,
    Array.from({ length: count }, () => ({
      source: id,
      flow_id: word() + word(),
      rule: word() + word() + word() + word(),
    })),
  );
};

test('an import that the disk has no room for', async ({ skip }) => {
  const disk = mountSmallDisk(1024);
  if (disk === undefined) return skip('mounting a small disk needs root');
  const store = await openStore(join(disk, 'store'));
  await store.bindKey('0123456789abcdef');
  await addFlows(store, 'small', 3);
  const run = store.beginImport('large');
  await run.write(incompressibleFlows('large', 60_000));
  await run.write(importRow('large'));
  await expect(run.commit()).rejects.toMatchObject({
    code: 'SONDE_STORE_WRITE_FAILED',
    hint: expect.stringContaining('make room on the disk'),
  });
  await run.abort();
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 3 }]);
  expect(await addFlows(store, 'next', 3)).toEqual({ added: true });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 6 }]);
});

test('a disk that is full to the last byte', async ({ skip }) => {
  const disk = mountSmallDisk(512);
  if (disk === undefined) return skip('mounting a small disk needs root');
  const store = await openStore(join(disk, 'store'));
  await store.bindKey('0123456789abcdef');
  await addFlows(store, 'a', 3);
  const filler = join(disk, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(2 ** 20))).toThrow('ENOSPC');
  await expect(addFlows(store, 'b', 3)).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 3 }]);
  rmSync(filler);
  expect(await addFlows(store, 'b', 3)).toEqual({ added: true });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 6 }]);
});
