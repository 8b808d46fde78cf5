/** No address of a subscriber reaches the disk, the terminal or a page, in any form; the same search finds them all where addresses are kept. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { AddressSearch, type Finding, isLocal, isNobodys } from './address-search.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { mentioned, writeMentions } from './planted-mentions.ts';
import { filesBelow, pagesOf, parquetRows } from './stored-bytes.ts';

type Row = Readonly<Record<string, unknown>>;

/** Tables that a capture fills. */
const tables = ['flows', 'dns', 'counters', 'imports'] as const;

const inputs = mkdtempSync(join(tmpdir(), 'sonde-privacy-'));
const keyFile = join(inputs, 'key');
writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 });
const mentions = join(inputs, 'mentions.pcap');
writeMentions(mentions);

/** An import of everything, read back by whoever can read it. */
interface Study {
  readonly box: Sandbox;
  /** All that the program said. */
  readonly said: readonly string[];
  /** Rows of each table as `sonde query` gives them. */
  readonly queried: Readonly<Record<string, readonly Row[]>>;
  /** Rows as they stand in the Parquet files. */
  readonly stored: Readonly<Record<string, readonly Row[]>>;
}

const study = async (...flags: readonly string[]): Promise<Study> => {
  const box = makeSandbox();
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await box.sonde(args);
    // Some of the captures are broken, which is no failure here.
    expect([0, 3], err).toContain(code);
    said.push(err);
    return out;
  };
  const captures = hasSharedData ? [sharedData('captures/ndpi'), sharedData('captures/zeek')] : [];
  said.push(await run('import', ...captures, mentions, '--key-file', keyFile, ...flags));
  said.push(await run('report', 'whatsapp', '-o', 'study'));
  for (const analysis of ['coverage', 'hosting', 'traffic']) said.push(await run('show', analysis));
  said.push(await run('doctor'));
  const queried: Record<string, readonly Row[]> = {};
  const stored: Record<string, readonly Row[]> = {};
  for (const table of tables) {
    const lines = await run('query', `SELECT * FROM ${table}`, '--format', 'ndjson');
    queried[table] = lines.trimEnd().split('\n').map((line) => JSON.parse(line) as Row);
    const folder = join(box.folder, 'sonde-store', table);
    const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
    stored[table] = await parquetRows(files.map((name) => join(folder, name)));
  }
  return { box, said, queried, stored };
};

let hidden: Study;
let kept: Study;
/** Addresses that must be found nowhere: of clients, and any in local nets. */
let secrets: ReadonlySet<string>;
/**
 * Public addresses of clients that other clients' rows mention, as server, as resolver, in an answer or in a name. There
 * they are what is studied, and stay as they are; only their own rows must not tell them.
 */
let exposed: ReadonlySet<string>;

const clientOf = (row: Row): string => String(row.client_ip ?? '');
const withoutClient = ({ client: _, client_ip: __, ...row }: Row): Row => row;
const addressesIn = (row: Row): readonly string[] =>
  [row.server_ip, row.resolver_ip, ...((row.answers as readonly string[] | undefined) ?? [])]
    .map(String)
    .filter((text) => /^[0-9a-f.:]*[.:][0-9a-f.:]*$/.test(text));

beforeAll(async () => {
  console.time('x');
  [hidden, kept] = await Promise.all([study(), study('--keep-addresses')]);
  console.timeEnd('x');
  const rows = [...kept.stored.flows!, ...kept.stored.dns!];
  const clients = new Set(rows.map(clientOf).filter((address) => !isNobodys(address)));
  const isPublic = (address: string): boolean => !isLocal(address);
  const search = new AddressSearch([...clients].filter(isPublic));
  exposed = new Set(
    rows.flatMap((row) =>
      search
        .inValue(withoutClient(row))
        .map(({ address }) => address)
        .filter((address) => address !== clientOf(row)),
    ),
  );
  const local = rows.flatMap(addressesIn).filter((address) => isLocal(address));
  secrets = new Set([...clients, ...local].filter((address) => !exposed.has(address)));
});

afterAll(() => {
  hidden?.box.remove();
  kept?.box.remove();
  rmSync(inputs, { recursive: true });
});

const addressesOf = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(findings.map(({ address }) => address));

test('there are addresses to hide: local and public ones of both families, and some that are servers too', () => {
  const { exposed: alsoServer, ...others } = mentioned;
  expect(Object.values(others).filter((address) => !secrets.has(address))).toEqual([]);
  expect(exposed.has(alsoServer)).toBe(true);
  console.log(secrets.size, exposed.size, [...secrets].filter((a) => !isLocal(a)).length);
  if (hasSharedData) expect(secrets.size).toBeGreaterThan(200);
});

describe.each(tables)('the table %s', (table) => {
  test('tells none of them, whoever reads it', () => {
    const search = new AddressSearch(secrets);
    expect(hidden.queried[table]!.length).toBe(kept.queried[table]!.length);
    for (const rows of [hidden.queried[table]!, hidden.stored[table]!]) {
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.flatMap((row) => search.inValue(row))).toEqual([]);
    }
  });
});

test('the same search finds every one of them where addresses are kept', () => {
  const search = new AddressSearch(secrets);
  for (const read of [kept.queried, kept.stored]) {
    const findings = [...read.flows!, ...read.dns!].flatMap((row) => search.inValue(row));
    expect(addressesOf(findings)).toEqual(secrets);
    const forms = new Set(findings.map(({ form }) => form));
    expect([...forms]).toEqual(expect.arrayContaining(['text', 'dashes', 'reverse name', 'reverse zone', 'hexadecimal']));
  }
});

test('a row tells its own client in no column, not even one that other rows mention', () => {
  const searches = new Map<string, AddressSearch>();
  const searchFor = (address: string): AddressSearch => {
    const search = searches.get(address) ?? new AddressSearch([address]);
    searches.set(address, search);
    return search;
  };
  let ofExposed = 0;
  for (const table of ['flows', 'dns']) {
    const names = (side: Study): ReadonlyMap<unknown, unknown> =>
      new Map(side.queried.imports!.map(({ id, name, sha256 }) => [id, `${name} ${sha256}`]));
    // An import writes its rows in one order, whatever becomes of the addresses.
    const byCapture = (side: Study): ReadonlyMap<unknown, readonly Row[]> => {
      const captures = names(side);
      const groups = new Map<unknown, Row[]>([...captures.values()].map((capture) => [capture, []]));
      for (const row of side.queried[table]!) groups.get(captures.get(row.source))!.push(row);
      return groups;
    };
    const twins = byCapture(kept);
    for (const [capture, rows] of byCapture(hidden)) {
      expect(twins.get(capture)?.length, String(capture)).toBe(rows.length);
      for (const [i, row] of rows.entries()) {
        const twin = twins.get(capture)![i]!;
        expect([row.flow_id, row.asked_at, row.reported_at]).toEqual([twin.flow_id, twin.asked_at, twin.reported_at]);
        const client = clientOf(twin);
        if (isNobodys(client)) continue;
        if (exposed.has(client)) ofExposed++;
        expect(searchFor(client).inValue(row), String(capture)).toEqual([]);
      }
    }
  }
  expect(ofExposed).toBeGreaterThan(1);
});

describe('what lies on the disk', () => {
  const everyFile = async (side: Study, look: (bytes: Buffer, path: string) => void): Promise<number> => {
    const paths = filesBelow(side.box.folder);
    for (const path of paths) {
      look(readFileSync(path), path);
      if (path.endsWith('.parquet')) look(await pagesOf(path), path);
    }
    return paths.length;
  };

  // The key stands outside of both folders, and so do the address tables, which hold public data alone.
  test('tells none of them: segments with their pages and statistics, logs, the page of the report, what was left over', async () => {
    const search = new AddressSearch(secrets);
    const kinds = new Set<string>();
    await everyFile(hidden, (bytes, path) => {
      kinds.add(/(_delta_log|\.parquet|sonde\.json|\.html|$)/.exec(relative(hidden.box.folder, path))![0]);
      expect(search.inBytes(bytes), path).toEqual([]);
    });
    expect([...kinds].sort()).toEqual(['.html', '.parquet', '_delta_log', 'sonde.json']);
  });

  test('would tell all of them: the same search where addresses are kept', async () => {
    const search = new AddressSearch(secrets);
    const found = new Set<string>();
    await everyFile(kept, (bytes) => {
      for (const { address } of search.inBytes(bytes)) found.add(address);
    });
    expect(found).toEqual(secrets);
  });
});

test('nothing that the program says tells any of them; pages would, where addresses are kept', () => {
  const search = new AddressSearch(secrets);
  expect(hidden.said.flatMap((text) => search.inText(text))).toEqual([]);
  expect(kept.said.flatMap((text) => search.inText(text)).length).toBeGreaterThan(0);
});

test('no file shows an address while an import runs, be the capture a file or a pipe', async () => {
  const box = makeSandbox();
  const capture = join(inputs, 'large.pcap');
  const scene = plantedWhatsApp({ seed: 3, clients: 150, hours: 2 });
  writePcap(capture, scene.frames);
  const { flows } = scene.truth();
  const search = new AddressSearch(flows.map(({ client_ip }) => client_ip));
  for (const { client_ip, server_ip } of flows) search.addHeader(client_ip, server_ip);
  expect(addressesOf(search.inBytes(readFileSync(capture))).size, 'the search knows packets').toBeGreaterThan(150);

  const seen = new Set<string>();
  const look = (): void => {
    for (const path of filesBelow(box.folder)) {
      const bytes = (() => {
        try {
          return readFileSync(path);
        } catch {
          return Buffer.alloc(0);
        }
      })();
      if (bytes.length > 0) seen.add(relative(box.folder, path).replace(/[0-9a-f-]{36}|\d{20}/g, '*'));
      expect(search.inBytes(bytes), path).toEqual([]);
    }
  };
  mkdirSync(join(box.folder, 'empty'));
  for (const [source, input] of [[capture, undefined], ['-', readFileSync(capture)]] as const) {
    let running = true;
    const import_ = box
      .sonde(['import', source, '--db', `store-${running}`, '--vantage', source], input === undefined ? {} : { input })
      .finally(() => {
        running = false;
      });
    while (running) {
      look();
      await sleep(5);
    }
    expect(await import_).toMatchObject({ code: 0 });
    look();
  }
  console.log([...seen]);
  box.remove();
});
