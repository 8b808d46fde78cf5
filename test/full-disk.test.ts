/** Full disks and files that cannot be used: a clear error and exit code, nothing half done, and a repeat that works. */
import { chmodSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Outcome, type Sandbox } from './command-line.ts';
import { fillDisk, mountSmallDisk } from './small-disk.ts';

let box: Sandbox;
const at = (...names: readonly string[]): string => join(box.folder, ...names);

beforeAll(() => {
  box = makeSandbox();
  writePcap(at('small.pcap'), plantedWhatsApp({ seed: 1, clients: 2 }).frames);
  writePcap(at('large.pcap'), plantedWhatsApp({ seed: 2, clients: 40 }).frames);
});
afterAll(() => box.remove());

/** What a person can act on: the code, what and where, what to do, and no stack. */
const expectFailure = ({ code, out, err }: Outcome, error: string, message: RegExp): void => {
  expect([code, out], err).toEqual([1, '']);
  expect(err).toContain(`(${error})`);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/at .*\.js:\d+|unexpected error/);
};

const rowsIn = async (store: string): Promise<string> => {
  const counts = ['flows', 'dns', 'counters', 'imports'].map((name) => `(SELECT count(*) FROM ${name}) AS ${name}`);
  const sql = `SELECT ${counts.join(', ')}, (SELECT sum(hash(flows))::VARCHAR FROM flows) AS hashes`;
  const { code, out, err } = await box.sonde(['query', sql, '--db', store, '--format', 'csv']);
  expect([code, err]).toEqual([0, '']);
  return out;
};

describe('a disk without room', () => {
  const freeBytes = (folder: string): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };

  const mountDisk = (name: string, kb: number): string | undefined => mountSmallDisk(at(name), kb);

  test('an import fails as a whole wherever it meets the end of the disk, and succeeds once there is room', async ({
    skip,
  }) => {
    const disk = mountDisk('disk', 4096);
    if (disk === undefined) return skip('mounting a small disk needs root');
    const succeed = async (capture: string, store: string): Promise<void> => {
      const { code, err } = await box.sonde(['import', capture, '--db', store]);
      expect(code, err).toBe(0);
    };
    // How much it takes where there is room.
    const roomy = join(disk, 'roomy');
    await succeed('small.pcap', roomy);
    const free = freeBytes(disk);
    await succeed('large.pcap', roomy);
    const needed = free - freeBytes(disk);
    const after = await rowsIn(roomy);
    rmSync(roomy, { recursive: true });

    const store = join(disk, 'store');
    await succeed('small.pcap', store);
    const before = await rowsIn(store);
    const filler = join(disk, 'filler');
    const page = 4096;
    // In the segment of flows, in those of the small tables, and between the commits, each of which takes a page.
    let failures = 0;
    for (const room of [0, ...[8, 5, 3, 1].map((pages) => needed - pages * page)]) {
      fillDisk(filler, room);
      const outcome = await box.sonde(['import', 'large.pcap', '--db', store]);
      if (outcome.code === 0) break;
      failures++;
      expectFailure(
        outcome,
        'SONDE_STORE_WRITE_FAILED',
        /cannot write to the store: .*no space left.*\n +make room on the disk and run it again/is,
      );
      expect(await rowsIn(store), `${room} of ${needed} bytes`).toBe(before);
    }
    expect(failures).toBeGreaterThan(2);
    rmSync(filler);
    await succeed('large.pcap', store);
    expect(await rowsIn(store)).toBe(after);
  });

  test('a report, standard output, standard input that is put aside', async ({ skip }) => {
    const disk = mountDisk('full', 64);
    if (disk === undefined) return skip('mounting a small disk needs root');
    expect((await box.sonde(['import', 'small.pcap'])).code).toBe(0);
    fillDisk(join(disk, 'filler'));
    const unwritable = 'SONDE_OUTPUT_UNWRITABLE';
    expectFailure(await box.sonde(['report', 'whatsapp', '-o', join(disk, 'study')]), unwritable, /disk has room/);
    const printed = await box.sonde(['query', 'SELECT * FROM flows', '--format', 'csv'], { outTo: join(disk, 'rows') });
    expectFailure(printed, unwritable, /standard output cannot be written: ENOSPC/);
    const piped = await box.sonde(['import', '-'], {
      input: readFileSync(at('large.pcap')),
      env: { TMPDIR: disk },
    });
    expectFailure(piped, unwritable, /standard input cannot be put aside: ENOSPC.*\n.*TMPDIR/);
  });
});

describe('files that cannot be used', () => {
  test('a capture that cannot be read is named, and the others go on', async ({ skip }) => {
    // Whose pages at address 0 nobody may read, not even root; elsewhere an unreadable file does.
    const unreadable = process.platform === 'linux' ? '/proc/self/mem' : at('secret.pcap');
    if (unreadable === at('secret.pcap')) {
      if (process.getuid?.() === 0) return skip('root reads everything here');
      writeFileSync(unreadable, '');
      chmodSync(unreadable, 0);
    }
    const store = ['--db', 'unreadable'];
    expectFailure(await box.sonde(['import', unreadable, ...store]), 'SONDE_INPUT_UNREADABLE', /cannot be read/);
    const two = await box.sonde(['import', unreadable, 'small.pcap', ...store]);
    expect(two.code).toBe(3);
    expect(two.err).toContain('SONDE_INPUT_UNREADABLE');
    expect(two.err).toMatch(/^small\.pcap: [\d,]+ packets/m);
  });

  test('a report folder below a file', async () => {
    writeFileSync(at('file'), '');
    const outcome = await box.sonde(['report', 'whatsapp', '-o', 'file/study']);
    expectFailure(outcome, 'SONDE_OUTPUT_UNWRITABLE', /file\/study.*cannot be written/);
  });

  test('a store where a file is, or where other files are', async () => {
    writeFileSync(at('file'), '');
    mkdirSync(at('other'));
    writeFileSync(at('other', 'holiday.txt'), 'at the sea');
    expectFailure(await box.sonde(['import', 'small.pcap', '--db', 'file']), 'SONDE_STORE_UNREADABLE', /cannot open/);
    expectFailure(await box.sonde(['import', 'small.pcap', '--db', 'other']), 'SONDE_STORE_UNREADABLE', /not a store/);
  });

  test.each<[string, number, number, RegExp]>([
    ['that others may read', 32, 0o644, /others may read the key \(mode 644\).*chmod 600/s],
    ['that is too short', 31, 0o600, /31 bytes, not 32/],
    ['that is too long', 33, 0o600, /33 bytes, not 32/],
  ])('a key %s', async (_, bytes, mode, message) => {
    const key = at(`key-${bytes}-${mode}`);
    writeFileSync(key, Buffer.alloc(bytes, 1), { mode });
    chmodSync(key, mode);
    const outcome = await box.sonde(['import', 'small.pcap', '--db', 'keyless', '--key-file', key]);
    expectFailure(outcome, 'SONDE_KEY_UNUSABLE', message);
  });

  test('another key than that of the store changes nothing', async () => {
    const [own, another] = [1, 2].map((n) => {
      const key = at(`key-${n}`);
      writeFileSync(key, Buffer.alloc(32, n), { mode: 0o600 });
      return key;
    });
    expect((await box.sonde(['import', 'small.pcap', '--db', 'bound', '--key-file', own!])).code).toBe(0);
    const before = await rowsIn('bound');
    const outcome = await box.sonde(['import', 'large.pcap', '--db', 'bound', '--key-file', another!]);
    expectFailure(outcome, 'SONDE_KEY_MISMATCH', /written with another key.*begin another store/s);
    expect(outcome.err).not.toContain('0202020202');
    expect(await rowsIn('bound')).toBe(before);
  });
});
