/** Hostile and broken captures through the whole pipeline: nothing throws, hangs or grows, and every packet is accounted for. */
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { listInputs } from '../src/capture/list-inputs.ts';
import { readCapture } from '../src/capture/read-capture.ts';
import { SondeError } from '../src/kit/errors.ts';
import { Random } from '../src/kit/random.ts';
import { importAndCheck } from './account.ts';
import { type Capture, mutate, type Packet } from './mutations.ts';
import { hasSharedData, sharedData } from './needs.ts';

const isNoCapture = (error: unknown): boolean => error instanceof SondeError && error.code === 'SONDE_FORMAT_UNKNOWN';

/** CPU time of this process in milliseconds: on a busy machine the clock on the wall says little. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after two collections, typed arrays included. */
const memoryInUse = (): number => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

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
  // To look further: SONDE_SEED=7 SONDE_RUNS=10000.
  const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
  const runs = Number(process.env.SONDE_RUNS ?? 1000);
  const PACKETS = 80;
  const captures: Capture[] = [];

  beforeAll(async () => {
    for (const { path } of await listInputs([sharedData('captures')])) {
      const packets: Packet[] = [];
      let linkType = 0;
      const frame = (
        bytes: Uint8Array,
        start: number,
        captured: number,
        original: number,
        at: number,
        link: number,
      ) => {
        if (packets.length === 0) linkType = link;
        if (packets.length < PACKETS && link === linkType)
          packets.push({ at, bytes: bytes.slice(start, start + captured), original });
      };
      await readCapture(path, { frame }, { hash: false }).catch((error: unknown) => {
        if (!isNoCapture(error)) throw error;
      });
      if (packets.length > 0) captures.push({ name: basename(path), linkType, packets });
    }
  });

  async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  test(
    `${3 * runs} of them, seed ${seed}: nothing throws, and every packet is accounted for`,
    async () => {
      const random = new Random(seed);
      let broken = 0;
      let undecoded = 0;
      for (let run = 0; run < runs; run++) {
        const own = random.fork(run);
        // Three that continue each other, so that damage meets the state that other damage left.
        const chosen = [own.pick(captures), own.pick(captures), own.pick(captures)];
        const strangers = chosen.flatMap(({ packets }) => packets);
        const files = chosen.map((capture) => whole(mutate(capture, own, strangers)));
        const options = {
          maxFlows: own.pick([1 << 20, 64, 3]),
          epochSize: own.pick([1 << 20, 1]),
          tcpIdleUs: own.pick([1800e6, 1e6]),
        };
        const where = `seed ${seed}, run ${run}, ${chosen.map(({ name }) => name).join(' ')}`;
        const summary = await importAndCheck(files, where, options).catch((error: unknown) => {
          if (error instanceof Error) error.message = `${where}: ${error.message}`;
          throw error;
        });
        if (summary.state === 'partial') broken++;
        if (summary.malformed > 0) undecoded++;
      }
      // Some of the damage must reach each of the layers.
      expect(broken).toBeGreaterThan(runs / 20);
      expect(undecoded).toBeGreaterThan(runs / 4);
    },
    60 * runs,
  );
});
