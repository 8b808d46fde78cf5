import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importFlows } from '../../test/job-fixture.ts';
import { temporaryStore } from '../../test/store-fixture.ts';
import { HOUR, MINUTE } from '../kit/time.ts';
import { openWorkbench } from '../store/index.ts';
import { Tally } from './tally.ts';

test('hours are counted by what the log says, without a look at the segments; minutes by their rows', async () => {
  const store = await temporaryStore();
  const bench = await openWorkbench({ memoryMb: 256, threads: 1 });
  onTestFinished(() => bench.close());
  await importFlows(store, 'a', [{ at: 10 }, { at: 70 }, { at: 3600 }, { at: 7199 }]);
  await importFlows(store, 'b', [{ at: 20 }, { at: 10_800 }]);
  await store.compact();
  const countedBy = async (binUs: number): Promise<readonly number[]> => {
    const snapshot = await store.snapshot();
    const tally = new Tally('flows', binUs);
    await tally.update(snapshot, bench);
    await snapshot.close();
    return [0, 1, 2, 3].map((hour) => tally.rows(hour * HOUR, (hour + 1) * HOUR));
  };
  expect(await countedBy(MINUTE)).toEqual([3, 2, 0, 1]);
  const snapshot = await store.snapshot();
  for (const { file, bytes } of snapshot.segmentsOf('flows'))
    writeFileSync(join(store.path, 'flows', file), Buffer.alloc(bytes));
  await snapshot.close();
  expect(await countedBy(HOUR)).toEqual([3, 2, 0, 1]);
  await expect(countedBy(MINUTE)).rejects.toThrow(/ZSTD|magic bytes/);
});
