/** Feeds a planted stream into a store in real time: packet time is the clock on the wall. Arguments: store, seconds, flows a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE, SECOND } from '../dist/kit/time.js';
import { openStore } from '../dist/store/index.js';
import { cpuSeconds } from './measure.mjs';
import { PlantedNetwork } from './planted-network.mjs';

/** As a live capture commits by default. */
const COMMIT_S = 10;

const [path, seconds, rate] = process.argv.slice(2);
const store = await openStore(path);
await store.bindKey('0123456789abcdef');
const part = new PlantedNetwork({ seed: 20140223 }).part('live');
const stream = store.beginStream('live');
const now = () => Date.now() * 1000;
const start = Math.ceil(now() / MINUTE) * MINUTE;
await sleep((start - now()) / 1000);
process.send({ start });
const before = cpuSeconds();
let late = 0;
for (let second = 0; second < Number(seconds); second++) {
  const from = start + second * SECOND;
  for (const batch of part.flows(from, from + SECOND, Number(rate))) await stream.write(batch);
  if ((from + SECOND) % MINUTE === 0)
    for (const batch of part.endMinute(from + SECOND - MINUTE)) await stream.write(batch);
  late = Math.max(late, now() - from - SECOND);
  if (now() < from + SECOND) await sleep((from + SECOND - now()) / 1000);
  if ((second + 1) % COMMIT_S > 0) continue;
  for (const batch of part.flush()) await stream.write(batch);
  await stream.commit(part.importRow('running', start, from + SECOND));
}
process.send({ cpuS: cpuSeconds() - before, lateS: Math.max(0, late / SECOND) });
process.disconnect();
