/** A full disk: a clear error, nothing visible by half, and everything works again once there is room. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore, type Store } from '../src/store/index.ts';
import { flows } from '../src/tickets/index.ts';
import { jobText, rowsOf, schedule } from './job-fixture.ts';
import { fillDisk, mountSmallDisk } from './small-disk.ts';
import { type Contents, contentsOf } from './store-contents.ts';
import { addFlows, ask, evening, importRow, sealRows, temporaryFolder } from './store-fixture.ts';

const mountDisk = (kb: number): string | undefined => mountSmallDisk(join(temporaryFolder(), 'disk'), kb);
const needsRoot = 'mounting a small disk needs root';

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
  const disk = mountDisk(1024);
  if (disk === undefined) return skip(needsRoot);
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
  const disk = mountDisk(512);
  if (disk === undefined) return skip(needsRoot);
  const store = await openStore(join(disk, 'store'));
  await store.bindKey('0123456789abcdef');
  await addFlows(store, 'a', 3);
  const filler = join(disk, 'filler');
  fillDisk(filler);
  await expect(addFlows(store, 'b', 3)).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 3 }]);
  rmSync(filler);
  expect(await addFlows(store, 'b', 3)).toEqual({ added: true });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 6 }]);
});

const minutes = jobText('minutes', ['flows window 60'], ['n count'], 'SELECT count(*) AS n FROM flows');

/** What is done to a store that is there. */
const works: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  compaction: (store) => store.compact(),
  reclassify: (store) =>
    store.rewrite({
      operation: 'RECLASSIFY',
      tables: ['flows', 'imports'],
      begin: (interner) => (batch) => {
        const { service } = batch.columns as { readonly service?: Int32Array };
        service?.fill(interner.code('new'), 0, batch.rows);
        return service !== undefined;
      },
    }),
  retention: (store) => store.retain({ ageUs: 60e6 }),
  jobs: async (store) => {
    const scheduler = await schedule(store, [minutes], { until: evening + 3600e6 });
    const [failure] = await scheduler.drain();
    if (failure !== undefined) throw failure.error;
  },
};

const PAGE = 4096;

/** The store as another process finds it. */
const openAnew = async (path: string): Promise<Store> => {
  const store = await openStore(path, { threads: 1 });
  await store.bindKey('0123456789abcdef');
  return store;
};

describe('on a full disk', () => {
  const plant = async (path: string): Promise<void> => {
    const store = await openAnew(path);
    for (let i = 0; i < 6; i++) await addFlows(store, `import-${i}`, 40 * (i + 1));
  };
  /** Tickets, and the rows of the job; none before its first run. */
  const shownBy = async (path: string): Promise<readonly [Contents, readonly unknown[]]> => [
    await contentsOf(path),
    await rowsOf(await openStore(path), 'minutes', 'n').catch(() => []),
  ];

  test.for(Object.keys(works))(
    '%s stops with an error wherever it meets the end of it, loses nothing, and goes on when there is room',
    async (work, { skip }) => {
      const disk = mountDisk(4096);
      if (disk === undefined) return skip(needsRoot);
      const [path, roomy, filler] = [join(disk, 'store'), join(temporaryFolder(), 'roomy'), join(disk, 'filler')];
      await plant(path);
      cpSync(path, roomy, { recursive: true });
      const before = await shownBy(path);
      await works[work]!(await openAnew(roomy));
      const after = await shownBy(roomy);
      let failures = 0;
      for (let pages = 0; ; pages++) {
        fillDisk(filler, pages * PAGE);
        const failure = await works[work]!(await openAnew(path)).then(
          () => undefined,
          (error: unknown) => error,
        );
        rmSync(filler);
        if (failure === undefined) break;
        failures++;
        expect(failure, `${pages} pages`).toMatchObject({
          code: 'SONDE_STORE_WRITE_FAILED',
          hint: expect.stringContaining('make room on the disk'),
        });
        expect([before, after], `${pages} pages`).toContainEqual(await shownBy(path));
      }
      expect(failures).toBeGreaterThan(0);
      expect(await shownBy(path)).toEqual(after);
      const store = await openStore(path);
      expect((await store.verify()).flatMap(({ problems }) => problems)).toEqual([]);
      await store.vacuum({ removedMs: -1, unnamedMs: -1 });
      expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
    },
  );

  test('a log whose checkpoint has no room is read without it, and nothing is wrong with it', async ({ skip }) => {
    const disk = mountDisk(4096);
    if (disk === undefined) return skip(needsRoot);
    const [path, whole, filler] = [join(disk, 'store'), join(temporaryFolder(), 'whole'), join(disk, 'filler')];
    const planted = await openAnew(whole);
    for (let i = 0; i < 64; i++) await addFlows(planted, `import-${i}`, 2);
    let added = 0;
    // Nothing fits; the import; the commits; a part of the checkpoint, or all of it.
    const rooms = [0, 4, 6, 8, 10];
    for (const pages of rooms) {
      cpSync(whole, path, { recursive: true });
      fillDisk(filler, pages * PAGE);
      const store = await openAnew(path);
      const isAdded = await addFlows(store, 'last', 2).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
          return false;
        },
      );
      if (isAdded) added++;
      const anew = await openAnew(path);
      expect(await ask(anew, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: isAdded ? 130 : 128 }]);
      rmSync(filler);
      if (isAdded) expect((await anew.verify()).flatMap(({ problems }) => problems)).toEqual([]);
      await addFlows(anew, 'last', 2);
      expect(await ask(anew, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 130 }]);
      rmSync(path, { recursive: true });
    }
    expect([added > 0, added < rooms.length]).toEqual([true, true]);
  });
});
