import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodePcap } from './encode.test-helper.ts';
import { type FileState, WatchedFolder } from './watch-folder.ts';

/** Milliseconds since 1970: the time of the looks, and of the files. */
const T = Date.UTC(2014, 1, 22, 18);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const packet = (second: number) => ({
  nanoseconds: BigInt(second) * 1_000_000_000n,
  bytes: new Uint8Array(60),
  original: 60,
});
const at = (path: string, time: number): void => utimesSync(path, time / 1000, time / 1000);

/** Writes a capture whose packets are at these seconds; modified at `time`. */
const write = (name: string, seconds: readonly number[], time: number): string => {
  const path = join(folder, name);
  writeFileSync(path, encodePcap(seconds.map(packet)));
  at(path, time);
  return path;
};

const watch = (isKnown?: (path: string, state: FileState) => boolean) => {
  const watched = new WatchedFolder(folder, 10_000, isKnown);
  return async (time: number) => {
    const { finished, vanished } = await watched.look(time);
    return [finished.map(({ path }) => basename(path)), vanished.map((path) => basename(path))];
  };
};

test('files behind which others came are finished, in the order of their packets; the last one when it rests', async () => {
  write('c', [30], T - 1000);
  write('a', [20], T - 60_000);
  write('b', [10, 11], T - 50_000);
  const look = watch();
  expect(await look(T)).toEqual([['b', 'a'], []]);
  expect(await look(T + 8_999)).toEqual([[], []]);
  expect(await look(T + 9_000)).toEqual([['c'], []]);
  expect(await look(T + 99_000)).toEqual([[], []]);
});

test('one that still grows is not finished because a newer one is there: two programs may write', async () => {
  const one = write('eth0', [10], T);
  write('eth1', [11], T);
  const look = watch();
  expect(await look(T + 1000)).toEqual([[], []]);
  appendFileSync(one, encodePcap([packet(12)]).subarray(24));
  at(one, T + 1500);
  expect(await look(T + 2000)).toEqual([[], []]);
  expect(await look(T + 3999)).toEqual([[], []]);
  expect(await look(T + 4000)).toEqual([['eth0'], []]);
});

test('one that rests in the middle of a packet is waited for', async () => {
  const path = write('slow', [10], T);
  appendFileSync(path, encodePcap([packet(11)]).subarray(24, 60));
  at(path, T);
  const look = watch();
  expect(await look(T + 10_000)).toEqual([[], []]);
  appendFileSync(path, encodePcap([packet(11)]).subarray(60));
  at(path, T + 15_000);
  expect(await look(T + 15_000)).toEqual([[], []]);
  expect(await look(T + 25_000)).toEqual([['slow'], []]);
  // Behind a newer one it is finished as it is.
  const broken = write('broken', [20], T + 26_000);
  appendFileSync(broken, 'x');
  at(broken, T + 26_000);
  write('next', [30], T + 27_000);
  expect(await look(T + 29_000)).toEqual([['broken'], []]);
});

test('a capture without a packet so far is the newest', async () => {
  write('full', [10], T - 20_000);
  const next = write('next', [], T);
  const look = watch();
  expect(await look(T)).toEqual([['full'], []]);
  appendFileSync(next, encodePcap([packet(11)]).subarray(24));
  at(next, T + 1000);
  expect(await look(T + 1000)).toEqual([[], []]);
  write('last', [12], T + 2000);
  expect(await look(T + 3000)).toEqual([['next'], []]);
});

test('one that is gone before it is finished is told, once; one that was finished is not missed', async () => {
  const gone = write('gone', [10], T);
  const done = write('done', [5], T - 60_000);
  const look = watch();
  expect(await look(T)).toEqual([['done'], []]);
  rmSync(gone);
  rmSync(done);
  expect(await look(T + 1000)).toEqual([[], ['gone']]);
  expect(await look(T + 2000)).toEqual([[], []]);
});

test('a file of a ring that is written again is another one', async () => {
  write('ring0', [10], T - 60_000);
  write('ring1', [20], T - 60_000);
  const look = watch();
  expect(await look(T)).toEqual([['ring0', 'ring1'], []]);
  write('new', [30], T + 1000);
  renameSync(join(folder, 'new'), join(folder, 'ring0'));
  expect(await look(T + 2000)).toEqual([[], []]);
  expect(await look(T + 12_000)).toEqual([['ring0'], []]);
});

test('what is known, hidden, or no capture is passed over, and does not make a capture older', async () => {
  write('old', [10], T - 60_000);
  write('.hidden', [10], T - 60_000);
  writeFileSync(join(folder, 'notes.txt'), 'no capture');
  at(join(folder, 'notes.txt'), T - 60_000);
  write('rests', [20], T - 5000);
  const look = watch((path) => basename(path) === 'old');
  expect(await look(T)).toEqual([[], []]);
  appendFileSync(join(folder, 'notes.txt'), ', still growing');
  expect(await look(T + 5000)).toEqual([['rests'], []]);
});
