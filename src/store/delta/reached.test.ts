import { expect, test } from 'vitest';
import { Reached } from './reached.ts';

const at = 0;

test('the newest version of an application counts', () => {
  const reached = new Reached();
  reached.note('stream:a', { version: 1, at });
  reached.note('stream:a', { version: 2, at });
  expect([reached.version('stream:a'), reached.version('stream:b'), reached.size]).toEqual([2, 0, 1]);
});

test('an attempt tells of its import, which takes no room of its own', () => {
  for (const order of [
    ['import:a:1f', 'import:a'],
    ['import:a', 'import:a:1f'],
  ]) {
    const reached = new Reached();
    for (const appId of order) reached.note(appId, { version: 1, at });
    expect(['import:a', 'import:a:1f', 'import:a:2e', 'import:b'].map((appId) => reached.version(appId))).toEqual([
      1, 1, 0, 0,
    ]);
    expect([reached.attemptAt('a'), reached.attemptAt('b'), reached.size]).toEqual(['import:a:1f', undefined, 1]);
    reached.forget(() => true);
    expect([reached.version('import:a'), reached.attemptAt('a'), reached.size]).toEqual([0, undefined, 0]);
  }
});

test('what was shown stays as it was', () => {
  const reached = new Reached();
  reached.note('stream:a', { version: 1, at });
  const before = reached.all;
  reached.note('stream:a', { version: 2, at });
  reached.note('stream:b', { version: 1, at });
  expect([...before]).toEqual([['stream:a', { version: 1, at }]]);
  reached.forget(({ appId }) => appId === 'stream:a');
  expect([before.size, ...reached.all.keys()]).toEqual([1, 'stream:b']);
});
