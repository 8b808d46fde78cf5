import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/store-fixture.ts';
import { writeOnce } from './write-once.ts';

test('of many writers of one name, one wins, and its text is there whole', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'log', '0.json');
  const won = await Promise.all(Array.from({ length: 20 }, (_, i) => writeOnce(path, `writer ${i}\n`.repeat(500))));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(readFileSync(path, 'utf8')).toBe(`writer ${won.indexOf(true)}\n`.repeat(500));
  expect(readdirSync(join(folder, 'log'))).toEqual(['0.json']);
});
