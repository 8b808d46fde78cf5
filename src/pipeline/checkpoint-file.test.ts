import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { type CheckpointHead, readCheckpoint, readCheckpointHead, writeCheckpoint } from './checkpoint-file.ts';

const head: CheckpointHead = {
  layout: 'aa',
  key: 'bb',
  vantage: 'vienna',
  turn: 3,
  appId: 'import:0123:3',
  version: 1,
};
const state = { words: new Int32Array(5000).map((_, i) => i), name: 'e7.whatsapp.net', clock: 1.5 };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-test-'));
  path = join(folder, 'streams', 'one.checkpoint');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a checkpoint is read as it was written, by its owner alone, and nothing else is left', async () => {
  await writeCheckpoint(path, head, state);
  expect(await readCheckpointHead(path)).toEqual(head);
  expect(await readCheckpoint(path, head)).toEqual(state);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'streams')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, 'streams'))).toEqual(['one.checkpoint']);
});

test('one that replaces another is there wholly', async () => {
  await writeCheckpoint(path, head, state);
  await writeCheckpoint(path, { ...head, turn: 4 }, { later: true });
  expect(await readCheckpoint(path, head)).toEqual({ later: true });
});

test.each([
  ['layout', 'another version', '--finish'],
  ['key', 'another key', '--key-file'],
  ['vantage', 'another vantage', '--fresh'],
])('another %s is told, with what to do', async (field, why, hint) => {
  await writeCheckpoint(path, head, state);
  const expected = { ...head, [field]: 'other' };
  await expect(readCheckpoint(path, expected)).rejects.toMatchObject({
    code: 'SONDE_CHECKPOINT_UNUSABLE',
    message: expect.stringContaining(why),
    hint: expect.stringContaining(hint),
    fields: { file: path },
  });
});

test('one that is cut, longer, or differs in any byte is damaged', async () => {
  await writeCheckpoint(path, head, state);
  const whole = readFileSync(path);
  const random = new Random(1);
  const damages: Buffer[] = [Buffer.concat([whole, Buffer.from([0])]), Buffer.alloc(0), Buffer.alloc(100, 0xff)];
  for (let i = 0; i < 100; i++) damages.push(whole.subarray(0, random.between(0, whole.length - 1)));
  for (let i = 0; i < 300; i++) {
    const flipped = Buffer.from(whole);
    // Half of the places are in the head, which is the smaller part.
    const at = random.between(0, i % 2 === 0 ? whole.length - 1 : 299);
    flipped[at]! ^= 1 << random.between(0, 7);
    damages.push(flipped);
  }
  for (const damage of damages) {
    writeFileSync(path, damage);
    await expect(readCheckpoint(path, head)).rejects.toMatchObject({ code: 'SONDE_CHECKPOINT_UNUSABLE' });
  }
});

test('a folder that cannot be written is told', async () => {
  writeFileSync(join(folder, 'streams'), 'no folder');
  await expect(writeCheckpoint(path, head, state)).rejects.toMatchObject({ code: 'SONDE_CHECKPOINT_UNUSABLE' });
  await expect(readCheckpointHead(path)).rejects.toMatchObject({ code: 'SONDE_CHECKPOINT_UNUSABLE' });
});
