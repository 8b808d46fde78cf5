/** The jobs that come with the program, over made-up tickets: each table is what plain loops over all tickets give. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadJobs } from '../src/jobs/load-jobs.ts';
import { orderJobs } from '../src/jobs/order-jobs.ts';
import { Scheduler } from '../src/jobs/scheduler.ts';
import { Random } from '../src/kit/random.ts';
import { openStore, openWorkbench, type Row, type Store } from '../src/store/index.ts';
import { counters, flows, imports } from '../src/tickets/index.ts';
import { runJobs } from './job-fixture.ts';
import { ask, sealRows, temporaryStore } from './store-fixture.ts';

const seed = 20140222;
const HOURS = 2;
const END = HOURS * 3600;

interface Flow {
  readonly at: number;
  readonly started: number;
  readonly client: string;
  readonly server: string;
  readonly port: number;
  readonly service: string;
  readonly up: number | null;
  readonly down: number;
  readonly synacks: number;
}

interface Minute {
  readonly at: number;
  readonly service: string;
  readonly up: number;
  readonly down: number;
  readonly hll: readonly number[];
}

const random = new Random(seed);

const flowRows: readonly Flow[] = Array.from({ length: 1500 }, () => {
  const at = random.between(0, END - 1) + random.pick([0, 0.5, 0.999999]);
  return {
    at,
    started: at - random.pick([0, 0, 1, 2.5, 3, 3.5, 30]),
    client: `c${random.between(0, 14)}`,
    server: `198.51.100.${random.between(0, 5)}`,
    port: random.pick([443, 5222]),
    service: random.pick(['WhatsApp', 'Signal', '']),
    up: random.chance(0.05) ? null : random.between(0, 500),
    down: random.between(0, 3) * 100,
    synacks: random.chance(0.6) ? 1 : 0,
  };
});

const minuteRows: readonly Minute[] = Array.from({ length: 400 }, () => {
  // Reported a minute or two after its own.
  const at = random.between(2, END / 60 - 1) * 60;
  const registers = new Map(Array.from({ length: 20 }, () => [random.between(0, 40), random.between(1, 20)] as const));
  return {
    at,
    service: random.pick(['WhatsApp', '']),
    up: random.between(0, 1000),
    down: random.between(0, 1000),
    hll: [...registers].map(([register, rank]) => register * 64 + rank).sort((a, b) => a - b),
  };
});

const us = (seconds: number): number => Math.round(seconds * 1e6);
const minuteOf = ({ at }: { readonly at: number }): number => 60 * Math.floor(at / 60);
const hourOf = ({ at }: { readonly at: number }): number => 3600 * Math.floor(at / 3600);

/** Groups what has the same key. */
const groupBy = <T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
};

const bytesOf = (some: readonly Flow[]): number => some.reduce((sum, { up, down }) => sum + (up ?? 0) + down, 0);

describe(`jobs over ${HOURS} hours, seed ${seed}`, () => {
  let store: Store;
  const folder = mkdtempSync(join(tmpdir(), 'sonde-jobs-'));

  beforeAll(async () => {
    store = await openStore(folder, { memoryMb: 512, threads: 1 });
    await store.bindKey('0123456789abcdef');
    const run = store.beginImport('a');
    await run.write(
      sealRows(
        flows,
        flowRows.map(({ at, started, client, server, port, service, up, down, synacks }) => ({
          source: 'a',
          vantage: 'v',
          reported_at: us(at),
          started_at: us(started),
          ended_at: us(at),
          client,
          server_ip: server,
          server_port: port,
          protocol: 'tcp',
          service,
          up_bytes: up,
          down_bytes: down,
          up_syns: 1,
          down_syns: synacks,
        })),
      ),
    );
    await run.write(
      sealRows(
        counters,
        minuteRows.map(({ at, service, up, down, hll }) => ({
          source: 'a',
          vantage: 'v',
          reported_at: us(at),
          minute_at: us(at - 120),
          service,
          flows_opened: 1,
          up_bytes: up,
          down_bytes: down,
          users_hll: hll,
        })),
      ),
    );
    await run.write(sealRows(imports, [{ source: 'a', id: 'a', reported_at: us(END), last_at: us(END) }]));
    await run.commit();
    const bench = await openWorkbench({ memoryMb: 512, threads: 1 });
    const jobs = orderJobs(loadJobs([fileURLToPath(new URL('../jobs', import.meta.url))]));
    const options = { strategy: 'shared', parallel: 2, now: Date.now } as const;
    expect(await new Scheduler(store, bench, jobs, options).drain()).toEqual([]);
    bench.close();
    return () => rmSync(folder, { recursive: true });
  }, 300_000);

  const lines = async (sql: string): Promise<readonly string[]> =>
    (await ask(store, sql)).map((row: Row) => Object.values(row).join(' ')).sort();

  const expectLines = async (sql: string, expected: readonly string[]): Promise<void> => {
    expect(expected.length).toBeGreaterThan(0);
    expect(await lines(sql)).toEqual([...expected].sort());
  };

  /** Client by rank in a minute. */
  const ranking = (some: readonly Flow[]): readonly (readonly [client: string, own: readonly Flow[]])[] =>
    [...groupBy(some, ({ client }) => client)].sort(
      ([a, aFlows], [b, bFlows]) => bytesOf(bFlows) - bytesOf(aFlows) || (a < b ? -1 : 1),
    );

  test('user_ranking: users by bytes, minute by minute', async () => {
    const expected = [...groupBy(flowRows, (flow) => String(minuteOf(flow)))].flatMap(([minute, some]) =>
      ranking(some).map(([client, own], i) => `${minute} ${i + 1} ${client} ${own.length} ${bytesOf(own)}`),
    );
    await expectLines(
      'SELECT epoch_us(reported_at) // 1000000 AS m, rank, client, flows, bytes FROM user_ranking',
      expected,
    );
  });

  test('user_ranking_hours adds them up', async () => {
    const expected = [...groupBy(flowRows, (flow) => String(hourOf(flow)))].flatMap(([hour, some]) =>
      ranking(some).map(([client, own], i) => `${hour} ${i + 1} ${client} ${own.length} ${bytesOf(own)}`),
    );
    await expectLines(
      'SELECT epoch_us(reported_at) // 1000000 AS h, rank, client, flows, bytes FROM user_ranking_hours',
      expected,
    );
  });

  const heavy = [...groupBy(flowRows, (flow) => String(minuteOf(flow)))].flatMap(([minute, some]) =>
    ranking(some)
      .slice(0, 10)
      .flatMap(([client, own]) =>
        [...groupBy(own, ({ server, port }) => `${server} ${port}`)].map(([server, theirs]) => ({
          minute: Number(minute),
          key: `${client} ${server}`,
          flows: theirs.length,
          bytes: bytesOf(theirs),
        })),
      ),
  );

  test('heavy_users: where the ten heaviest of a minute had their bytes from', async () => {
    await expectLines(
      'SELECT epoch_us(reported_at) // 1000000 AS m, client, server_ip, server_port, flows, bytes FROM heavy_users',
      heavy.map(({ minute, key, flows, bytes }) => `${minute} ${key} ${flows} ${bytes}`),
    );
    const hours = groupBy(heavy, ({ minute, key }) => `${3600 * Math.floor(minute / 3600)} ${key}`);
    await expectLines(
      `SELECT epoch_us(reported_at) // 1000000 AS h, client, server_ip, server_port, minutes, flows, bytes
       FROM heavy_users_hours`,
      [...hours].map(([key, some]) =>
        [
          key,
          some.length,
          some.reduce((n, { flows }) => n + flows, 0),
          some.reduce((n, { bytes }) => n + bytes, 0),
        ].join(' '),
      ),
    );
  });

  test('service_ranking: servers by connections of clients that the hour before knew', async () => {
    const known = flowRows.filter((flow) =>
      flowRows.some(({ client, at }) => client === flow.client && at >= minuteOf(flow) - 3600 && at < minuteOf(flow)),
    );
    const expected = [...groupBy(known, (flow) => `${minuteOf(flow)} ${flow.server} ${flow.service}`)].map(
      ([key, some]) => `${key} ${some.length} ${new Set(some.map(({ client }) => client)).size}`,
    );
    await expectLines(
      'SELECT epoch_us(reported_at) // 1000000 AS m, server_ip, service, connections, clients FROM service_ranking',
      expected,
    );
  });

  test('unanswered_syns: no SYN/ACK, and no answered try of the same client within 3 s', async () => {
    const vain = flowRows.filter((flow) => {
      const end = minuteOf(flow) + 60;
      return (
        flow.synacks === 0 &&
        !flowRows.some(
          (near) =>
            near.synacks > 0 &&
            near.at >= end - 65 &&
            near.at < end &&
            near.client === flow.client &&
            near.server === flow.server &&
            near.port === flow.port &&
            Math.abs(us(near.started) - us(flow.started)) <= 3_000_000,
        )
      );
    });
    const groups = groupBy(vain, (flow) => `${minuteOf(flow)} ${flow.server} ${flow.port} ${flow.service}`);
    await expectLines(
      `SELECT epoch_us(reported_at) // 1000000 AS m, server_ip, server_port, service, tries, clients
       FROM unanswered_syns`,
      [...groups].map(([key, some]) => `${key} ${some.length} ${new Set(some.map(({ client }) => client)).size}`),
    );
  });

  test('server_use_hours and sizes_hours: exact sets and value counts, by the hour in which flows began', async () => {
    const keyOf = (flow: Flow): string => `${hourOf(flow)} ${hourOf({ at: flow.started })} ${flow.service}`;
    const hours = 'epoch_us(reported_at) // 1000000 AS h, epoch_us(bin_at) // 1000000 AS b';
    await expectLines(
      `SELECT ${hours}, service, server_ip, server_port, flows, up_bytes + down_bytes AS bytes FROM server_use_hours`,
      [...groupBy(flowRows, (flow) => `${keyOf(flow)} ${flow.server} ${flow.port}`)].map(
        ([key, some]) => `${key} ${some.length} ${bytesOf(some)}`,
      ),
    );
    const measured = flowRows.filter(({ up }) => up !== null);
    await expectLines(
      `SELECT ${hours}, service, bytes, flows FROM sizes_hours`,
      [...groupBy(measured, (flow) => `${keyOf(flow)} ${(flow.up ?? 0) + flow.down}`)].map(
        ([key, some]) => `${key} ${some.length}`,
      ),
    );
  });

  test('volume_hours and users_hours: counters by the hour that they count, users merged register by register', async () => {
    const groups = groupBy(
      minuteRows,
      (minute) => `${hourOf(minute)} ${hourOf({ at: minute.at - 120 })} ${minute.service}`,
    );
    const expected = [...groups].map(([key, some]) => {
      const registers = new Map<number, number>();
      for (const entry of some.flatMap(({ hll }) => hll)) {
        const register = Math.floor(entry / 64);
        registers.set(register, Math.max(registers.get(register) ?? 0, entry));
      }
      const sum = (of: (minute: Minute) => number): number => some.reduce((total, one) => total + of(one), 0);
      const users = [...registers.values()].sort((a, b) => a - b).join(',');
      return [key, some.length, sum(({ up }) => up), sum(({ down }) => down), users].join(' ');
    });
    await expectLines(
      `SELECT epoch_us(v.reported_at) // 1000000 AS window_s, epoch_us(bin_at) // 1000000 AS h, v.service, flows_opened,
         up_bytes, down_bytes, array_to_string(users_hll, ',') AS users
       FROM volume_hours AS v
       JOIN users_hours AS u ON v.reported_at = u.reported_at AND bin_at = hour AND v.service = u.service AND v.class = u.class`,
      expected,
    );
  });
});

test('service_totals: all that was until the end of each day, days without anything included', async () => {
  const DAY = 86_400;
  const store = await temporaryStore({ memoryMb: 256, threads: 1 });
  const run = store.beginImport('a');
  const rows = [0, 1, 1, 4].map((day, i) => ({
    at: day * DAY + 60 * i,
    service: i === 1 ? '' : 'WhatsApp',
    up: 10 ** i,
  }));
  await run.write(
    sealRows(
      counters,
      rows.map(({ at, service, up }) => ({ source: 'a', vantage: 'v', reported_at: us(at), service, up_bytes: up })),
    ),
  );
  await run.write(sealRows(imports, [{ source: 'a', id: 'a', reported_at: us(5 * DAY), last_at: us(5 * DAY) }]));
  await run.commit();
  await runJobs(store, [readFileSync(new URL('../jobs/service_totals.job.sql', import.meta.url), 'utf8')]);
  const sql = 'SELECT epoch_us(reported_at) // 86400000000 AS day, service, up_bytes FROM service_totals ORDER BY ALL';
  expect((await ask(store, sql)).map((row) => Object.values(row))).toEqual([
    [0, 'WhatsApp', 1],
    ...[1, 2, 3].flatMap((day) => [
      [day, '', 10],
      [day, 'WhatsApp', 101],
    ]),
    [4, '', 10],
    [4, 'WhatsApp', 1101],
  ]);
});
