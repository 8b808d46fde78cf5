/** A stream that goes on from command to command: how it is cut, and when it is killed, leaves no trace in the rows. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import type { Frame } from '../src/synth/frame.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { type Contents, contentsOf, tableNames } from './store-contents.ts';

// To look further: SONDE_SEED=7 SONDE_RUNS=40.
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const runs = Number(process.env.SONDE_RUNS ?? 2);
const PIECES = 5;

let box: Sandbox;
let frames: readonly Frame[];
/** The pieces imported by one command. */
let reference: Contents;
let pieces: readonly string[];

const store = (name: string): string => join(box.folder, name);
const streams = (): string => join(box.folder, 'config', 'sonde', 'streams');

/** Checkpoint files of all stores, those not finished included. */
const checkpoints = (): string[] =>
  existsSync(streams())
    ? readdirSync(streams()).flatMap((folder) =>
        readdirSync(join(streams(), folder)).map((name) => join(streams(), folder, name)),
      )
    : [];

const run = async (...args: string[]): Promise<string> => (await box.run(args)).err;

/** Cuts the scene at random places. */
const cut = (name: string, random: Random, count: number): string[] => {
  const places = Array.from({ length: count - 1 }, () => random.between(1, frames.length - 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, i) => {
    const path = join(box.folder, `${name}-${i}.pcap`);
    writePcap(path, frames.slice(from, places[i] ?? frames.length));
    return path;
  });
};

beforeAll(async () => {
  box = makeSandbox();
  frames = [...plantedWhatsApp({ seed: 4, clients: 12, hours: 2 }).frames];
  pieces = cut('piece', new Random(seed), PIECES);
  await run('import', '--continue', '--finish', ...pieces, '--db', 'one');
  reference = await contentsOf(store('one'));
});
afterAll(() => box.remove());

test('pieces of a capture give the rows of the whole, but for the import that they are of', async () => {
  const whole = join(box.folder, 'whole.pcap');
  writePcap(whole, frames);
  await run('import', whole, '--db', 'whole');
  const without = ['source'];
  const { imports: _, ...expected } = await contentsOf(store('whole'), without);
  const { imports: rows, ...found } = await contentsOf(store('one'), without);
  expect(found).toEqual(expected);
  expect(found.flows![0]).toBeGreaterThan(500);
  expect(rows![0]).toBe(PIECES + 1);
});

test('by one command or by many, the rows are the same', async () => {
  for (const [i, piece] of pieces.entries()) {
    expect(await run('import', '--continue', piece, '--db', 'many')).toMatch(/; \d+ flows? open\n/);
    if (i !== 2) continue;
    // Whatever is imported again adds nothing and moves nothing.
    const again = await run('import', '--continue', ...pieces.slice(0, i + 1), '--db', 'many');
    expect(again.match(/: already imported/g)).toHaveLength(i + 1);
  }
  expect(await run('import', '--finish', '--db', 'many')).toContain('end of the stream: 0 packets');
  expect(await contentsOf(store('many'))).toEqual(reference);
  expect(await run('import', '--finish', '--db', 'many')).toBe('nothing is open at vantage local\n');
  expect(await contentsOf(store('many'))).toEqual(reference);
});

test('each vantage and each store has a stream of its own', async () => {
  await run('import', '--continue', pieces[0]!, '--db', 'vienna', '--vantage', 'vienna');
  expect(await run('import', '--finish', '--db', 'vienna')).toBe('nothing is open at vantage local\n');
  expect(await run('import', '--finish', '--db', 'linz', '--vantage', 'vienna')).toContain('nothing is open');
  expect(await run('import', '--finish', '--db', 'vienna', '--vantage', 'vienna')).toContain('end of the stream');
});

test('a stream that ended begins anew, with empty tables', async () => {
  for (const piece of pieces.slice(0, 2)) await run('import', '--continue', '--finish', piece, '--db', 'twice');
  await run('import', pieces[0]!, '--db', 'apart');
  await run('import', pieces[1]!, '--db', 'apart');
  const { imports: _, ...apart } = await contentsOf(store('apart'), ['source']);
  const { imports: rows, ...twice } = await contentsOf(store('twice'), ['source']);
  expect(twice).toEqual(apart);
  expect(rows![0]).toBe(4);
});

test('a file that is out of order in time is said to be', async () => {
  const err = await run('import', '--continue', pieces[1]!, '--db', 'late');
  expect(err).not.toContain('out of order');
  expect(await run('import', '--continue', pieces[0]!, '--db', 'late')).toMatch(
    /piece-0\.pcap: .*out of order: begins \d+\.\d{3} s before the end/,
  );
});

test('a file that cannot be read leaves the stream where it was, and the others go on', async () => {
  const gone = join(box.folder, 'gone.pcap');
  const { code, err } = await box.sonde([
    'import',
    '--continue',
    '--finish',
    ...pieces.slice(0, 3),
    gone,
    ...pieces.slice(3),
    '--db',
    'hole',
  ]);
  expect([code, err]).toEqual([3, expect.stringContaining('SONDE_INPUT_NOT_FOUND')]);
  expect(await contentsOf(store('hole'))).toEqual(reference);
});

describe('the checkpoint', () => {
  const begin = async (name: string): Promise<string> => {
    const before = new Set(checkpoints());
    await run('import', '--continue', pieces[0]!, '--db', name);
    const [path, ...others] = checkpoints().filter((one) => !before.has(one));
    expect(others).toEqual([]);
    return path!;
  };
  const goOn = (name: string, ...more: string[]) =>
    box.sonde(['import', '--continue', pieces[1]!, '--db', name, ...more]);

  test("is its owner's alone, outside of the store, and replaced at each turn", async () => {
    const path = await begin('owned');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await goOn('owned')).code).toBe(0);
    expect(existsSync(path)).toBe(false);
    await run('import', '--finish', '--db', 'owned');
    expect(checkpoints().filter((one) => one.startsWith(join(path, '..')))).toEqual([]);
  });

  test('that is damaged is refused, until it is given up', async () => {
    const path = await begin('damaged');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    const { code, err } = await goOn('damaged');
    expect([code, err]).toEqual([1, expect.stringContaining('SONDE_CHECKPOINT_UNUSABLE')]);
    expect(err).toContain('--fresh');
    expect((await box.sonde(['import', '--finish', '--db', 'damaged'])).code).toBe(1);
    const fresh = await goOn('damaged', '--fresh', '--finish');
    expect([fresh.code, fresh.err]).toEqual([0, expect.stringContaining('given up: 0 packets, 0 rows')]);
    expect((await contentsOf(store('damaged'))).flows![0]).toBeGreaterThan(10);
  });

  test('that is not there any more is missed', async () => {
    const path = await begin('missing');
    rmSync(path);
    const { code, err } = await goOn('missing');
    expect([code, err]).toEqual([1, expect.stringContaining('SONDE_CHECKPOINT_UNUSABLE')]);
    expect((await goOn('missing', '--fresh')).code).toBe(0);
    expect((await goOn('missing', '--finish')).err).toContain('already imported');
  });
});

test('of two commands that continue a stream at once one is told, and a repeat completes it', async () => {
  await run('import', '--continue', pieces[0]!, '--db', 'race');
  const outcomes = await Promise.all(
    [1, 1, 2].map((i) => box.sonde(['import', '--continue', pieces[i]!, '--db', 'race'])),
  );
  for (const { code, err } of outcomes) if (code !== 0) expect(err).toContain('SONDE_STREAM_OVERTAKEN');
  await run('import', '--continue', pieces[1]!, '--db', 'race');
  await run('import', '--continue', '--finish', pieces[2]!, '--db', 'race');
  await run('import', '--continue', '--finish', ...pieces.slice(0, 3), '--db', 'raced');
  // Where the third piece was first, the second one is late: then only what does not hang on the order is the same.
  const [race, raced] = [await contentsOf(store('race'), ['source']), await contentsOf(store('raced'), ['source'])];
  if (outcomes[2]!.code !== 0) expect(race).toEqual(raced);
  expect(race.imports![0]).toBe(4);
  expect((await box.sonde(['doctor', '--db', 'race'])).out).not.toContain('no commit names');
});

describe(`kills at random moments, seed ${seed}`, () => {
  let killed = 0;

  /** Runs a command until it ends by itself, killing it up to three times before. */
  const persist = async (args: readonly string[], random: Random, name: string): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      const controller = new AbortController();
      let over = false;
      const outcome = box.sonde(args, { kill: controller.signal }).finally(() => {
        over = true;
      });
      if (attempt < 3 && random.chance(0.8)) {
        await moment(random, name, () => over);
        controller.abort();
      }
      const { code, err } = await outcome;
      if (code === 0) return;
      expect(code, err).toBe(null);
      killed++;
    }
  };

  const commitsOf = (name: string, table: string): number => {
    const log = join(store(name), table, '_delta_log');
    return existsSync(log) ? readdirSync(log).filter((file) => file.endsWith('.json')).length : 0;
  };

  /** Some time after the start, or just after something appeared on the disk. */
  const moment = async (random: Random, name: string, isOver: () => boolean): Promise<void> => {
    const table = random.pick(tableNames.filter((one) => one !== 'http'));
    const before = commitsOf(name, table);
    const files = new Set(checkpoints());
    const isThere = random.pick([
      () => commitsOf(name, table) > before,
      () => checkpoints().some((one) => !files.has(one)),
      () => false,
    ]);
    const until = performance.now() + random.between(300, 2500);
    while (!isOver() && !isThere() && performance.now() < until) await sleep(1);
    await sleep(random.pick([0, 0, 2, 10]));
  };

  test.each(Array.from({ length: runs }, (_, i) => i))(
    'lose nothing and give nothing twice, run %i',
    async (i) => {
      const random = new Random(seed).fork(i);
      const name = `killed-${i}`;
      const groups = i % 2 === 0 ? pieces.map((piece) => [piece]) : [pieces.slice(0, 2), pieces.slice(2)];
      for (const group of groups) await persist(['import', '--continue', ...group, '--db', name], random, name);
      await persist(['import', '--finish', '--db', name], random, name);
      expect(await contentsOf(store(name)), `seed ${seed}, run ${i}`).toEqual(reference);
      expect((await box.sonde(['doctor', '--db', name])).out).not.toContain('FAIL');
    },
    120_000,
  );

  test('came in time', () => {
    expect(killed).toBeGreaterThan(runs);
  });
});
