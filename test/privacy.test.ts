/** No address of a subscriber reaches the disk, the terminal or a page, in any form; the same search finds them all where addresses are kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listInputs } from '../src/capture/list-inputs.ts';
import { SondeError } from '../src/kit/errors.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { tables } from '../src/tickets/index.ts';
import { AddressSearch, type Finding, isLocal } from './address-search.ts';
import { type AnyRow, type ClientAddresses, clientAddresses, ownClientsIn } from './client-addresses.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { mentioned, writeMentions } from './planted-mentions.ts';
import { importRows } from './rows.ts';
import { filesBelow, pagesOf, parquetRows } from './stored-bytes.ts';

const addressesOf = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(findings.map(({ address }) => address));

const inputs = mkdtempSync(join(tmpdir(), 'sonde-privacy-'));
afterAll(() => rmSync(inputs, { recursive: true }));

describe('captures through the program', () => {
  type Rows = Readonly<Record<string, readonly AnyRow[]>>;

  interface Study {
    readonly box: Sandbox;
    /** All that the program said on the way. */
    readonly said: readonly string[];
    /** Rows of each table as `sonde query` gives them, and as they stand in the Parquet files. */
    readonly queried: Rows;
    readonly stored: Rows;
  }

  const names = tables.map(({ name }) => name);
  // One key for both, so that a flow has one id in both.
  const keyFile = join(inputs, 'key');
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 });
  const mentions = join(inputs, 'mentions.pcap');
  const captures = [mentions];
  if (hasSharedData) {
    const real = /^(android|dns|googledns|http|instagram|iphone|signal|wa_voice|whatsapp).*\.pcap(ng)?$/;
    const folder = sharedData('captures/ndpi');
    captures.push(
      ...readdirSync(folder)
        .filter((name) => real.test(name))
        .map((name) => join(folder, name)),
    );
  }
  /** Digits of IMSI, MSISDN and device of planted subscribers. */
  const identities: string[] = [];
  if (hasSharedData) {
    const folder = sharedData('captures/gtp-wrapped');
    const names = readdirSync(folder);
    captures.push(...names.filter((name) => name.endsWith('.pcap')).map((name) => join(folder, name)));
    for (const name of names.filter((name) => name.endsWith('.json'))) {
      const { clients } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        clients: Record<string, Record<'imsi' | 'msisdn' | 'imei', string>>;
      };
      for (const { imsi, msisdn, imei } of Object.values(clients)) identities.push(imsi, msisdn, imei.slice(0, 14));
    }
  }

  const boxes: Sandbox[] = [];
  afterAll(() => {
    for (const box of boxes) box.remove();
  });

  const runStudy = async (...flags: readonly string[]): Promise<Study> => {
    const box = makeSandbox();
    boxes.push(box);
    const said: string[] = [];
    const run = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await box.sonde(args);
      // Some of the captures are broken, which is no failure here.
      expect([0, 3], err).toContain(code);
      said.push(err);
      return out;
    };
    said.push(await run('import', ...captures, '--key-file', keyFile, ...flags));
    said.push(await run('report', 'whatsapp', '-o', 'study'));
    for (const analysis of ['coverage', 'hosting', 'traffic']) said.push(await run('show', analysis));
    const queried: Record<string, readonly AnyRow[]> = {};
    const stored: Record<string, readonly AnyRow[]> = {};
    for (const name of names) {
      queried[name] = JSON.parse(await run('query', `SELECT * FROM ${name}`, '--format', 'json')) as AnyRow[];
      const folder = join(box.folder, 'sonde-store', name);
      stored[name] = await parquetRows(filesBelow(folder).filter((path) => path.endsWith('.parquet')));
    }
    const called = queried.flows!.find(({ server_port }) => server_port === 5222);
    said.push(await run('explain', String(called?.flow_id)));
    return { box, said, queried, stored };
  };

  let hidden: Study;
  let kept: Study;
  let addresses: ClientAddresses;
  let search: AddressSearch;

  beforeAll(async () => {
    writeMentions(mentions);
    [hidden, kept] = await Promise.all([runStudy(), runStudy('--keep-addresses')]);
    addresses = clientAddresses([...kept.stored.flows!, ...kept.stored.dns!]);
    search = new AddressSearch(addresses.secret);
  });

  test('there are addresses to hide: local and public ones of both families, and one that is a server too', () => {
    const { exposed, ...others } = mentioned;
    expect(Object.values(others).filter((address) => !addresses.secret.has(address))).toEqual([]);
    expect(addresses.exposed.has(exposed)).toBe(true);
    if (hasSharedData) expect(addresses.secret.size).toBeGreaterThan(40);
  });

  test.each(names)('the table %s tells none of them, whoever reads it', (name) => {
    expect(hidden.queried[name]!.length).toBe(kept.queried[name]!.length);
    expect(hidden.stored[name]!.length).toBe(kept.queried[name]!.length);
    expect([hidden.queried, hidden.stored].flatMap((rows) => search.inValue(rows[name]))).toEqual([]);
  });

  test('the same search finds every one of them where addresses are kept', () => {
    for (const rows of [kept.queried, kept.stored]) {
      const findings = search.inValue([rows.flows, rows.dns]);
      expect(addressesOf(findings)).toEqual(addresses.secret);
      const forms = ['text', 'dashes', 'reverse name', 'reverse zone', 'hexadecimal'];
      expect(forms.filter((name) => !findings.some(({ form }) => form === name))).toEqual([]);
    }
  });

  test('a row tells its own client in no column, though other rows may mention it', () => {
    for (const name of ['flows', 'dns']) {
      const captureOf = ({ queried }: Study): ReadonlyMap<unknown, string> =>
        new Map(queried.imports!.map(({ id, name, byte_count }) => [id, `${name} ${byte_count}`]));
      const bySource = (study: Study, capture: string): readonly AnyRow[] => {
        const captures = captureOf(study);
        return study.queried[name]!.filter(({ source }) => captures.get(source) === capture);
      };
      for (const capture of captureOf(hidden).values()) {
        const rows = bySource(hidden, capture);
        const twins = bySource(kept, capture);
        const identify = ({ flow_id, asked_at, reported_at }: AnyRow): unknown => [flow_id, asked_at, reported_at];
        expect(rows.map(identify)).toEqual(twins.map(identify));
        expect(ownClientsIn(rows, twins), capture).toEqual([]);
      }
    }
  });

  // The key stands outside of both folders, and so do the address tables, which hold public data alone.
  const lookAtFiles = async (folder: string, look: (bytes: Buffer, path: string) => void): Promise<void> => {
    for (const path of filesBelow(folder)) {
      look(readFileSync(path), path);
      if (!path.endsWith('.parquet')) continue;
      look(pagesOf(path), path);
      // In a page of texts that all differ, one follows the other without anything between.
      look(Buffer.from(JSON.stringify(await parquetRows([path]))), path);
    }
  };

  test('no file tells any of them: segments with pages and statistics, logs, the page of the report, left-overs', async () => {
    const kinds = new Set<string | undefined>();
    await lookAtFiles(hidden.box.folder, (bytes, path) => {
      kinds.add(/_delta_log|\.parquet|sonde\.json|\.html/.exec(relative(hidden.box.folder, path))?.[0]);
      expect(search.inBytes(bytes), path).toEqual([]);
    });
    const expected = ['_delta_log', '.parquet', 'sonde.json', '.html'];
    expect(expected.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test('the same search finds every one of them in files where addresses are kept', async () => {
    const found = new Set<string>();
    await lookAtFiles(kept.box.folder, (bytes) => {
      for (const { address } of search.inBytes(bytes)) found.add(address);
    });
    expect(found).toEqual(addresses.secret);
  });

  test.skipIf(!hasSharedData)(
    'IMSI, MSISDN and IMEI stand nowhere, as digits or as packets have them, with raw addresses or without',
    async () => {
      const forms = [...new Set(identities)].flatMap((digits) => [
        Buffer.from(digits),
        // Two digits a byte, the lower half first; an odd last digit shares its byte with something else.
        Buffer.from(digits.slice(0, digits.length & ~1).replace(/(.)(.)/g, '$2$1'), 'hex'),
      ]);
      const foundIn = (bytes: Buffer): number => forms.filter((form) => bytes.includes(form)).length;
      const packets = captures.filter((path) => path.includes('gtp-wrapped')).map((path) => readFileSync(path));
      expect(foundIn(Buffer.concat(packets)), 'they are in the packets').toBeGreaterThanOrEqual(3);
      for (const { box, said, queried } of [hidden, kept]) {
        expect(queried.sessions!.length).toBeGreaterThan(1);
        expect(foundIn(Buffer.from(JSON.stringify([said, queried])))).toBe(0);
        await lookAtFiles(box.folder, (bytes, path) => expect(foundIn(bytes), path).toBe(0));
      }
    },
  );

  test('nothing that the program says tells any of them; where addresses are kept, it does', () => {
    expect(search.inValue(hidden.said)).toEqual([]);
    expect(search.inValue(kept.said).length).toBeGreaterThan(0);
  });
});

test('no file shows an address while an import runs, be the capture a file or a pipe', async () => {
  const capture = join(inputs, 'large.pcap');
  const scene = plantedWhatsApp({ seed: 3, clients: 60, hours: 2 });
  writePcap(capture, scene.frames);
  const { flows } = scene.truth();
  const search = new AddressSearch(flows.map(({ client_ip }) => client_ip));
  // Packets put aside would have addresses in network order, two at a time.
  for (const { client_ip, server_ip } of flows) search.addHeader(client_ip, server_ip);
  expect(addressesOf(search.inBytes(readFileSync(capture))).size, 'packets are recognised').toBeGreaterThan(60);

  const box = makeSandbox();
  onTestFinished(() => box.remove());
  let looks = 0;
  const seen = new Set<string>();
  const look = (): void => {
    looks++;
    for (const path of filesBelow(box.folder)) {
      let bytes = Buffer.alloc(0);
      try {
        bytes = readFileSync(path);
      } catch {
        // It has gone or has another name by now.
      }
      if (bytes.length > 0) seen.add(extname(path));
      expect(search.inBytes(bytes), path).toEqual([]);
    }
  };
  for (const [name, input] of [
    [capture, undefined],
    ['-', readFileSync(capture)],
  ] as const) {
    let running = true;
    const outcome = box
      .sonde(['import', name, '--vantage', name === '-' ? 'pipe' : 'file'], input === undefined ? {} : { input })
      .finally(() => {
        running = false;
      });
    while (running) {
      look();
      await sleep(5);
    }
    expect(await outcome).toMatchObject({ code: 0 });
  }
  look();
  expect([...seen]).toEqual(expect.arrayContaining(['.parquet', '.json']));
  expect(looks).toBeGreaterThan(20);
});

describe.skipIf(!hasSharedData)('rows in memory', () => {
  test.each([
    ['captures', 280],
    ['robustness', 450],
  ])('of no capture in %s tell an address of a client', async (folder, least) => {
    let imported = 0;
    let found = 0;
    for (const { path } of await listInputs([sharedData(folder)])) {
      const rowsOf = async (keepAddresses: boolean) => {
        const { flows, dns, counters, sessions, imports } = await importRows([path], { keepAddresses });
        return { named: [...flows, ...dns], others: [...counters, ...sessions, ...imports] };
      };
      try {
        const kept = await rowsOf(true);
        const hidden = await rowsOf(false);
        const { secret } = clientAddresses(kept.named);
        const search = new AddressSearch(secret);
        expect(addressesOf(search.inValue(kept.named)), path).toEqual(secret);
        expect(search.inValue(hidden), path).toEqual([]);
        expect(ownClientsIn(hidden.named, kept.named), path).toEqual([]);
        imported++;
        found += [...secret].filter((address) => !isLocal(address)).length;
      } catch (error) {
        if (!(error instanceof SondeError) || error.code !== 'SONDE_FORMAT_UNKNOWN') throw error;
      }
    }
    expect(imported).toBeGreaterThan(least);
    expect(found).toBeGreaterThan(0);
  });
});
