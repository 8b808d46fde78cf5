/** ClickHouse's own reader of Delta tables opens the folder, and one query text means the same to both engines. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row, Store } from '../src/store/index.ts';
import { dns, flows } from '../src/tickets/index.ts';
import { askChdb } from './ask-chdb.ts';
import { ask, evening, importRow, sealRows, temporaryStore } from './store-fixture.ts';

const importSome = async (store: Store, id: string, start: number): Promise<void> => {
  const run = store.beginImport(id);
  const services = ['WhatsApp', '', 'Skype'];
  await run.write(
    sealRows(
      flows,
      Array.from({ length: 3000 }, (_, i) => ({
        source: id,
        started_at: start + i * 1_234_567,
        reported_at: start + i * 1_234_567 + 1,
        service: services[i % 3]!,
        fqdn: `mmi${i % 40}.whatsapp.net`,
        up_bytes: 2 ** 40 + i,
        alpn: i % 5 === 0 ? ['h2', `h${i}`] : [],
        ...(i % 2 === 0 ? { server_rtt_us: i * 7 } : {}),
        ...(i % 4 === 0 ? { ech_offered: i % 8 === 0 ? 1 : 0 } : {}),
      })),
    ),
  );
  await run.write(sealRows(dns, [{ source: id, asked_at: start, ttls_s: [60, 300], answers: ['31.13.93.53', '::1'] }]));
  await run.write(importRow(id));
  await run.commit();
};

const queries = [
  'SELECT count(*), sum(up_bytes), count(server_rtt_us), count(ech_offered), countIf(ech_offered), sum(server_rtt_us) FROM flows',
  'SELECT min(toUnixTimestamp64Micro(started_at)), max(toUnixTimestamp64Micro(reported_at)) FROM flows',
  "SELECT sum(length(alpn)), countIf(length(alpn) > 0), countIf(has(alpn, 'h5')) FROM flows",
  'SELECT ttls_s, answers, aliases, toUnixTimestamp64Micro(asked_at) FROM dns ORDER BY asked_at',
  "SELECT service, uniqExact(fqdn), uniqExactIf(fqdn, up_bytes > 0), sumIf(up_bytes, server_rtt_us > 100), countIf(fqdn = 'x'), sumIf(up_bytes, fqdn = 'x') FROM flows GROUP BY service ORDER BY service",
  'SELECT service, minIf(up_bytes, server_rtt_us > 100), maxIf(up_bytes, server_rtt_us > 100), avgIf(server_rtt_us, up_bytes > 0), argMax(fqdn, up_bytes), argMin(fqdn, up_bytes) FROM flows GROUP BY service ORDER BY service',
  'SELECT toUnixTimestamp(toStartOfMinute(started_at)) AS t, count(*) FROM flows GROUP BY t ORDER BY t LIMIT 20',
  'SELECT toUnixTimestamp(toStartOfHour(started_at)) AS t, count(*) FROM flows GROUP BY t ORDER BY t',
  'SELECT toUnixTimestamp(toStartOfDay(started_at)) AS t, toHour(started_at) AS h, toDayOfWeek(started_at) AS d, count(*) FROM flows GROUP BY t, h, d ORDER BY t, h, d',
  'SELECT toUnixTimestamp(toStartOfInterval(started_at, toIntervalSecond(300))) AS t, count(*) FROM flows GROUP BY t ORDER BY t',
  "SELECT intDiv(-7, 2), intDiv(7, 2), toInt64(3), toFloat64(1) / 4, toString(12), startsWith('abc', 'ab') = true, endsWith('abc', 'bc') = true",
  `SELECT count(*) FROM flows WHERE started_at >= fromUnixTimestamp64Micro(${evening + 60e6}) AND started_at < fromUnixTimestamp64Micro(${evening + 120e6})`,
  'SELECT intDiv(one, 100) AS hundred, max(one % 100) AS top FROM (SELECT arrayJoin(ttls_s) AS one FROM dns) AS ones GROUP BY hundred ORDER BY hundred',
  'SELECT length(groupArray(server_rtt_us)), length(groupUniqArray(service)) FROM flows',
];

const plain = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plain) : value === true ? 1 : value === false ? 0 : value;
const valuesOf = (row: Row): unknown => plain(Object.values(row));

test('ClickHouse reads the same rows, and answers the same to the same text', async () => {
  const store = await temporaryStore();
  await importSome(store, 'a', evening);
  await importSome(store, 'b', evening + 7200e6);
  const texts = queries.map((sql) =>
    sql.replace(
      /\bFROM (flows|dns)\b/g,
      (_, name: string) => `FROM deltaLakeLocal('${join(store.path, name)}') AS ${name}`,
    ),
  );
  const answers = askChdb(store.path, texts);
  for (const [i, sql] of queries.entries()) {
    const own = (await ask(store, sql)).map(valuesOf);
    expect(own.length, sql).toBeGreaterThan(0);
    expect(answers[i]!.map(plain), sql).toEqual(own);
  }
});
