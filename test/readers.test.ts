/** ClickHouse's own reader of Delta tables finds in the folder of a store, column by column, what the program tells of it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import type { ColumnKind } from '../src/tickets/column.ts';
import { tables } from '../src/tickets/index.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { plantedMobile } from './planted-mobile.ts';

/** ClickHouse in a process of its own, for it takes over the signal handlers of the one that it is in. */
const child = fileURLToPath(new URL('chdb-child.cjs', import.meta.url));

/** What is asked of a column: how much of it there is, its sum or extremes, the lengths and values of its lists. */
const asked: Readonly<Record<ColumnKind, (name: string, table: string) => readonly string[]>> = {
  time: (name) => [
    `count(${name})`,
    `min(toUnixTimestamp64Micro(${name}))`,
    `max(toUnixTimestamp64Micro(${name}))`,
    `sum(toUnixTimestamp64Micro(${name}) % 1000000)`,
  ],
  count: (name) => [`count(${name})`, `sum(${name})`, `min(${name})`, `max(${name})`],
  real: (name) => [`count(${name})`, `sum(${name})`],
  flag: (name) => [`count(${name})`, `countIf(${name})`],
  text: (name) => [`count(${name})`, `countIf(${name} <> '')`, `uniqExact(${name})`, `max(${name})`],
  id: (name) => [`count(${name})`, `countIf(${name} <> '')`, `uniqExact(${name})`, `max(${name})`],
  texts: (name, table) => [
    `sum(length(${name}))`,
    `max(length(${name}))`,
    `(SELECT uniqExact(one) FROM (SELECT arrayJoin(${name}) AS one FROM ${table}) AS ones)`,
  ],
  counts: (name, table) => [
    `sum(length(${name}))`,
    `max(length(${name}))`,
    `(SELECT sum(one) FROM (SELECT arrayJoin(${name}) AS one FROM ${table}) AS ones)`,
  ],
};

describe('through the program', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = makeSandbox();
    const planted = join(box.folder, 'planted.pcap');
    writePcap(planted, plantedWhatsApp({ seed: 5, clients: 20, hours: 2 }).frames);
    const names = ['whatsapp_login_call', 'wa_voice', 'whatsappfiles', 'iphone', 'instagram', 'http_ipv6', 'signal'];
    const real = hasSharedData ? names.map((name) => sharedData(`captures/ndpi/${name}.pcap`)) : [];
    const mobile = join(box.folder, 'mobile.pcap');
    writePcap(mobile, plantedMobile());
    const { code, err } = await box.sonde(['import', planted, mobile, ...real, '--db', 'store']);
    expect(code, err).toBe(0);
  });
  afterAll(() => box.remove());

  test.each(tables)('the table $name', async ({ name, columns }) => {
    const questions = [
      ['count(*)', 'rows'],
      ...Object.entries(columns).flatMap(([column, { kind }]) =>
        asked[kind](column, name).map((question) => [question, column]),
      ),
    ];
    const sql = `SELECT ${questions.map(([question], i) => `${question} AS answer_${i}`).join(', ')} FROM ${name}`;
    const own = await box.sonde(['query', sql, '--db', 'store', '--format', 'json']);
    expect([own.code, own.err]).toEqual([0, '']);
    const [row] = JSON.parse(own.out) as [Record<string, unknown>];
    const store = join(box.folder, 'store');
    if (!existsSync(join(store, name))) {
      expect(['http', 'kpi'], 'tables that nothing fills are not there').toContain(name);
      expect(row!.answer_0).toBe(0);
      return;
    }
    const delta = sql.replaceAll(`FROM ${name}`, `FROM deltaLakeLocal('${join(store, name)}')`);
    // ClickHouse reads files below its own folder only.
    const options = { encoding: 'utf8', cwd: store, env: { ...process.env, TZ: 'UTC' } } as const;
    const [[theirs]] = JSON.parse(execFileSync(process.execPath, [child, JSON.stringify([delta])], options)) as [
      [unknown[]],
    ];
    const answers = (values: readonly unknown[]): unknown =>
      questions.map(([question, column], i) => `${column}: ${question} = ${values[i]}`);
    expect(answers(theirs)).toEqual(answers(Object.values(row!)));
    expect(theirs[0]).toBeGreaterThan(0);
  });
});
