/** Imports that are killed, repeated, and made side by side: a store shows each of them wholly and once, or not at all. */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { type Contents, contentsOf, tableNames as names, nothing } from './store-contents.ts';

// To look further: SONDE_SEED=7 SONDE_RUNS=200.
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const kills = Number(process.env.SONDE_RUNS ?? 10);

let box: Sandbox;
beforeAll(() => {
  box = makeSandbox();
});
afterAll(() => box.remove());

const contentsIn = (folder: string): Promise<Contents> => contentsOf(join(box.folder, folder));

const sumOf = (a: Contents, b: Contents): Contents =>
  Object.fromEntries(names.map((name) => [name, [a[name]![0] + b[name]![0], a[name]![1] + b[name]![1]] as const]));

const importInto = async (store: string, capture: string): Promise<string> => {
  const { code, err } = await box.sonde(['import', capture, '--db', store]);
  expect(code, err).toBe(0);
  return err;
};

const plant = (name: string, plantSeed: number, clients: number): string => {
  const path = join(box.folder, name);
  writePcap(path, plantedWhatsApp({ seed: plantSeed, clients, hours: 2 }).frames);
  return path;
};

/** The planted captures hold neither plain HTTP nor a mobile core, and no capture holds what others count. */
const filled = names.filter((name) => !['http', 'sessions', 'kpi'].includes(name));

const commitOf = (store: string, name: string): string =>
  join(box.folder, store, name, '_delta_log', `${'0'.repeat(20)}.json`);

/** What the doctor must say of a store that was left at some moment. */
const expectDoctorToKnow = async (store: string): Promise<void> => {
  const committed = names.filter((name) => existsSync(commitOf(store, name)));
  const interrupted = committed.length > 0 && !committed.includes('imports');
  const { code, out, err } = await box.sonde(['doctor', '--db', store]);
  expect([code, err], out).toEqual([interrupted ? 1 : 0, '']);
  if (interrupted)
    expect(out).toMatch(
      /FAIL {2}imports .*interrupted, hidden from every result: [0-9a-f]{16};.*import the same captures again/s,
    );
  else expect(out).not.toContain('FAIL');
  const orphans = names.flatMap((name) => {
    const folder = join(box.folder, store, name);
    return existsSync(folder) && !committed.includes(name)
      ? readdirSync(folder).filter((file) => file !== '_delta_log')
      : [];
  });
  if (orphans.length > 0) expect(out).toContain(`${orphans.length} files`);
};

describe('a kill between the commits of two tables', () => {
  let capture: string;
  let reference: Contents;
  beforeAll(async () => {
    capture = plant('small.pcap', 1, 4);
    await importInto('small', capture);
    reference = await contentsIn('small');
  });

  // A commit is one link of a file, so that these are all the states in which a kill can leave the logs.
  test.each(filled.map((_, i) => i))('after %i commits shows nothing, and a repeat completes it', async (commits) => {
    const store = `prefix-${commits}`;
    cpSync(join(box.folder, 'small'), join(box.folder, store), { recursive: true });
    for (const name of filled.slice(commits)) rmSync(commitOf(store, name));
    expect(await contentsIn(store)).toEqual(nothing);
    await expectDoctorToKnow(store);
    await importInto(store, capture);
    expect(await contentsIn(store)).toEqual(reference);
    await expectDoctorToKnow(store);
  });
});

describe(`kills at random moments, seed ${seed}`, () => {
  let capture: string;
  let reference: Contents;
  let tookMs: number;
  let killed = 0;

  beforeAll(async () => {
    capture = plant('large.pcap', 2, 100);
    const began = performance.now();
    await importInto('large', capture);
    tookMs = performance.now() - began;
    reference = await contentsIn('large');
    expect(reference.flows![0]).toBeGreaterThan(2000);
  });

  /** Half of the moments are spread over the run, the others follow the first commit by some milliseconds. */
  const moment = async (store: string, random: Random, isOver: () => boolean): Promise<string> => {
    if (random.chance(0.5)) {
      // Two run at once, so that each takes longer than the one that was measured.
      const share = 0.4 + 0.9 * random.unit();
      await sleep(share * tookMs);
      return `at ${(100 * share).toFixed(0)} %`;
    }
    const name = random.pick(filled);
    while (!isOver() && !existsSync(join(box.folder, store, 'flows'))) await sleep(2);
    while (!isOver() && !existsSync(commitOf(store, name))) await setImmediate();
    const delayMs = random.pick([0, 0, 1, 3]);
    await sleep(delayMs);
    return `${delayMs} ms after the commit of ${name}`;
  };

  const killOnce = async (i: number): Promise<void> => {
    const random = new Random(seed).fork(i);
    const store = `killed-${i}`;
    const controller = new AbortController();
    let over = false;
    const outcome = box.sonde(['import', capture, '--db', store], { kill: controller.signal }).finally(() => {
      over = true;
    });
    const when = await moment(store, random, () => over);
    controller.abort();
    const { code } = await outcome;
    if (code === null) killed++;
    const where = `seed ${seed}, kill ${i} ${when}`;
    const query = await box.sonde(['query', 'SELECT count(*) AS n FROM flows', '--db', store, '--format', 'csv']);
    const isWhole = existsSync(commitOf(store, 'imports'));
    const rows = isWhole ? reference.flows![0] : 0;
    expect(query, where).toEqual({ code: 0, out: `n\n${rows}\n`, err: '' });
    expect(await contentsIn(store), where).toEqual(isWhole ? reference : nothing);
    if (existsSync(join(box.folder, store))) await expectDoctorToKnow(store);
    await importInto(store, capture);
    expect(await contentsIn(store), where).toEqual(reference);
    rmSync(join(box.folder, store), { recursive: true });
  };

  test(
    'show nothing of the import or all of it, and a repeat gives each row once',
    async () => {
      // Two at a time, for there are two cores; each has a store of its own.
      const next = Array.from({ length: kills }, (_, i) => i);
      const chain = async (): Promise<void> => {
        for (let i = next.shift(); i !== undefined; i = next.shift()) await killOnce(i);
      };
      await Promise.all([chain(), chain()]);
      expect(killed, 'kills that came in time').toBeGreaterThan(kills / 2);
    },
    12_000 * kills,
  );

  test('several that begin one store at the same moment all find it', async () => {
    const random = new Random(seed);
    for (let i = 0; i < 30; i++) {
      const begin = async (delay: number): Promise<void> => {
        for (let turn = 0; turn < delay; turn++) await setImmediate();
        const store = await openStore(join(box.folder, `begun-${i}`));
        await store.bindKey('0123456789abcdef');
      };
      await Promise.all(Array.from({ length: 8 }, () => begin(random.between(0, 24))));
    }
  });

  test('two processes side by side: other captures add up, the same capture counts once', async () => {
    const other = plant('other.pcap', 3, 60);
    await importInto('other', other);
    const both = sumOf(reference, await contentsIn('other'));

    await Promise.all([importInto('two', capture), importInto('two', other)]);
    expect(await contentsIn('two')).toEqual(both);

    const said = await Promise.all([importInto('same', capture), importInto('same', capture)]);
    expect(await contentsIn('same')).toEqual(reference);
    expect(said.filter((text) => text.includes('already imported'))).toHaveLength(1);
    await expectDoctorToKnow('same');
  });
});
