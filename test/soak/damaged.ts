/** The soak test of damaged captures: a part of them, so that two processes can share the work. */
import { expect, test } from 'vitest';
import { importDamaged, loadSeeds } from '../damaged-captures.ts';
import { hasSharedData } from '../needs.ts';
import { cpuMs, memoryInUse } from '../process-use.ts';
import { load, report, save, tell } from './state.ts';
import { watch } from './watchdog.ts';

/** A step damages two captures. */
const CAPTURES_A_STEP = 2;
const captures = Number(process.env.SONDE_SOAK_CAPTURES ?? 200_000);
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
/** One step alone, to look at what it does: the number that a failure names. */
const onlyStep = process.env.SONDE_SOAK_STEP;

const MAX_STEP_MS = 2000;
/** A step may be slow on a busy machine; this long means that it does not end. */
const HANGS_AFTER_S = 60;
const SAVE_EVERY = 500;
/** Memory is measured after so many steps: when all is compiled, and then now and then. */
const MEASURE_EVERY = 2500;
/** What a step may hold at once; a flow table that is full of small flows takes a few megabytes. */
const MAX_STEP_BYTES = 400e6;
const MAX_GROWTH_BYTES = 4e6;

interface Progress {
  readonly seed: number;
  next: number;
  broken: number;
  unknown: number;
  undecoded: number;
  slowestMs: number;
  largestBytes: number;
  grewBytes: number;
}

/** @param part from 0, of `parts` */
export const soakDamaged = (part: number, parts: number): void => {
  const steps = Math.ceil(captures / CAPTURES_A_STEP / parts);
  const name = `damaged-${part + 1}-of-${parts}`;

  test.skipIf(!hasSharedData)(`${name}: ${steps} steps, seed ${seed}: nothing throws, hangs or grows`, async () => {
    const seeds = await loadSeeds();
    if (onlyStep !== undefined) {
      tell(JSON.stringify(await importDamaged(seeds, seed, Number(onlyStep))));
      return;
    }
    const none = { broken: 0, unknown: 0, undecoded: 0, slowestMs: 0, largestBytes: 0, grewBytes: 0 };
    const saved = load<Progress>(name);
    const progress: Progress = saved?.seed === seed ? saved : { seed, next: 0, ...none };
    const watchdog = watch(`${name}, seed ${seed}`, HANGS_AFTER_S);
    let leastInUse = Number.POSITIVE_INFINITY;
    for (; progress.next < steps; progress.next++) {
      const step = parts * progress.next + part;
      watchdog.step(step);
      const began = cpuMs();
      const { where, state, malformed } = await importDamaged(seeds, seed, step);
      const tookMs = cpuMs() - began;
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      expect(tookMs, where).toBeLessThan(MAX_STEP_MS);
      expect(heapUsed + arrayBuffers, where).toBeLessThan(MAX_STEP_BYTES);
      progress.slowestMs = Math.max(progress.slowestMs, tookMs);
      progress.largestBytes = Math.max(progress.largestBytes, heapUsed + arrayBuffers);
      if (state === 'partial') progress.broken++;
      if (state === 'unknown') progress.unknown++;
      if (malformed > 0) progress.undecoded++;
      if (progress.next % MEASURE_EVERY === MEASURE_EVERY - 1) {
        const inUse = memoryInUse();
        leastInUse = Math.min(leastInUse, inUse);
        progress.grewBytes = Math.max(progress.grewBytes, inUse - leastInUse);
        tell(`${name}: ${progress.next + 1} steps, ${(inUse / 1e6).toFixed(1)} MB in use`);
        expect(inUse - leastInUse, where).toBeLessThan(MAX_GROWTH_BYTES);
      }
      if (progress.next % SAVE_EVERY === SAVE_EVERY - 1) save(name, { ...progress, next: progress.next + 1 });
    }
    await watchdog.stop();
    const isFresh = saved === undefined || saved.next < steps;
    save(name, progress);
    if (isFresh) {
      const { broken, unknown, undecoded, slowestMs, largestBytes, grewBytes } = progress;
      report(
        `- Damaged captures, part ${part + 1} of ${parts}, seed ${seed}: ${steps * CAPTURES_A_STEP} captures in ${steps} streams; ` +
          `${broken} streams broke off, ${undecoded} had malformed packets, ${unknown} were no captures any more; nothing threw. ` +
          `The slowest stream took ${slowestMs.toFixed(0)} ms of CPU, the most memory at once was ${(largestBytes / 1e6).toFixed(0)} MB; ` +
          `over the run it grew by ${(grewBytes / 1e6).toFixed(1)} MB at most.`,
      );
    }
    // Some of the damage must reach each of the layers.
    expect(progress.broken).toBeGreaterThan(steps / 20);
    expect(progress.undecoded).toBeGreaterThan(steps / 5);
    expect(progress.unknown).toBeLessThan(steps / 2);
  });
};
