/** A process that compacts a store and cleans it up, over and over until it is told to stop: told by one JSON argument, made to be killed. */
import { openStore } from '../dist/store/index.js';

const { path, graceMs } = JSON.parse(process.argv[2]);

let isStopped = false;
process.once('message', () => {
  isStopped = true;
});

const store = await openStore(path);
let merged = 0;
let files = 0;
while (!isStopped) {
  merged += (await store.compact()).length;
  files += (await store.vacuum({ removedMs: graceMs, unnamedMs: 3_600_000 })).files;
  process.send?.({ kind: 'round', merged, files });
}
process.disconnect?.();
