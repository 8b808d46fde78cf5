/** Hostile and broken captures through the whole pipeline: nothing throws, hangs or grows, and every packet is accounted for. */
import { describe, expect, test } from 'vitest';
import { listInputs } from '../src/capture/list-inputs.ts';
import { importAndCheck } from './account.ts';
import { importDamaged, isNoCapture, loadSeeds } from './damaged-captures.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { cpuMs, memoryInUse } from './process-use.ts';

describe.skipIf(!hasSharedData)('real and hostile captures', () => {
  test.each([
    ['captures', 280],
    ['robustness', 450],
  ])('of %s: each takes less than two seconds, and every packet is accounted for', async (folder, least) => {
    let captures = 0;
    for (const { path } of await listInputs([sharedData(folder)])) {
      const began = cpuMs();
      try {
        await importAndCheck([path], path);
        captures++;
      } catch (error) {
        if (!isNoCapture(error)) throw error;
      }
      expect(cpuMs() - began, path).toBeLessThan(2000);
    }
    expect(captures).toBeGreaterThan(least);
  });

  test('memory does not grow from one import to the next', async () => {
    const paths = [
      'synscan.pcap',
      'fuzz-2006-06-26-2594.pcap',
      'telegram.pcap',
      'malformed_dns.pcap',
      'iphone.pcap',
    ].map((name) => sharedData(`captures/ndpi/${name}`));
    const inUse: number[] = [];
    for (let pass = 0; pass < 6; pass++) {
      for (const path of paths) await importAndCheck([path], path);
      inUse.push(memoryInUse());
    }
    // What the first passes compile and cache stays; after them a pass may not leave a thing behind.
    expect(inUse[5]! - inUse[2]!, inUse.join(' ')).toBeLessThan(1e6);
  });
});

describe.skipIf(!hasSharedData)('damaged captures', () => {
  // To look further: SONDE_SEED=7 SONDE_RUNS=10000, or `npm run soak`.
  const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
  const runs = Number(process.env.SONDE_RUNS ?? 1000);

  test(
    `two at a time, ${runs} times, seed ${seed}: nothing throws or hangs, and every packet is accounted for`,
    async () => {
      const seeds = await loadSeeds();
      let broken = 0;
      let undecoded = 0;
      for (let step = 0; step < runs; step++) {
        const began = cpuMs();
        const { where, state, malformed } = await importDamaged(seeds, seed, step);
        expect(cpuMs() - began, where).toBeLessThan(2000);
        if (state === 'partial') broken++;
        if (malformed > 0) undecoded++;
      }
      // Some of the damage must reach each of the layers.
      expect(broken).toBeGreaterThan(runs / 20);
      expect(undecoded).toBeGreaterThan(runs / 5);
    },
    60_000 + 60 * runs,
  );
});
