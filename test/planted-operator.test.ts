/** A planted operator through the program: its tickets agree with its truth, and its packets give the same tickets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSandbox, type Sandbox } from './command-line.ts';

const size = ['--users', '60', '--days', '1', '--seed', '7', '--keep-addresses'];

let box: Sandbox;
const at = (name: string): string => join(box.folder, name);

const run = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await box.sonde(args);
  expect([code, err]).toEqual([0, expect.any(String)]);
  return out;
};
const rows = async (db: string, sql: string): Promise<Record<string, unknown>[]> =>
  JSON.parse(await run('query', '--db', at(db), '--format', 'json', sql));

beforeAll(async () => {
  box = makeSandbox();
  await run('synth', ...size, '--db', at('tickets'), '--truth', at('truth.json'), '--networks', at('networks.csv'));
  await run('synth', ...size, '-o', at('planted.pcap'));
  const shape = ['--keep-addresses', '--vantage', 'planted', '--as-database', at('networks.csv')];
  await run('import', ...shape, '--db', at('packets'), at('planted.pcap'));
}, 120_000);
afterAll(() => box.remove());

test('what the tickets say is what was planted', async () => {
  const truth = JSON.parse(readFileSync(at('truth.json'), 'utf8'));
  const classes = await rows(
    'tickets',
    `SELECT class, count(*) AS flows, sum(up_bytes) AS up, sum(down_bytes) AS down FROM flows
     WHERE service = 'whatsapp' GROUP BY class ORDER BY class`,
  );
  expect(classes).toEqual(
    Object.keys(truth.classes)
      .sort()
      .map((name) => {
        const { flows, upBytes, downBytes } = truth.classes[name];
        return { class: name, flows, up: upBytes, down: downBytes };
      }),
  );
  const [hosting] = await rows(
    'tickets',
    "SELECT count(DISTINCT server_ip) AS addresses, count(DISTINCT server_net) AS networks FROM flows WHERE service = 'whatsapp'",
  );
  expect(hosting).toEqual({ addresses: truth.hosting.addresses, networks: truth.hosting.networks24 });
  const [dns] = await rows('tickets', 'SELECT count(*) AS questions, countIf(answered_at IS NULL) AS silent FROM dns');
  expect(dns).toEqual({ questions: truth.lookups.questions, silent: 0 });
  const [users] = await rows(
    'tickets',
    "SELECT count(DISTINCT client) AS users FROM flows WHERE service = 'whatsapp' AND class IN ('image', 'audio', 'video')",
  );
  expect(users).toEqual({ users: truth.usersByDay[0].media });
});

test('its packets give the same tickets', async () => {
  const sql = `SELECT class, service, fqdn, fqdn_source, dns_evidence, server_ip, server_asn, os, started_at, ended_at, transfer_us,
      max_idle_us, closing_idle_us, up_packets, down_packets, up_bytes, down_bytes, up_payload, down_payload, server_rtt_us,
      client_rtt_us, server_rtt_samples, conn_state, end_reason
    FROM flows ORDER BY started_at, client_ip, client_port`;
  const [tickets, packets] = [await rows('tickets', sql), await rows('packets', sql)];
  expect(tickets.length).toBeGreaterThan(500);
  expect(packets).toEqual(tickets);
  const counted = `SELECT minute_at, service, class, flows_opened, syns, up_bytes, down_bytes FROM counters
    ORDER BY minute_at, service, class`;
  expect(await rows('packets', counted)).toEqual(await rows('tickets', counted));
});

test('the same again is planted already', async () => {
  const { err } = await box.sonde(['synth', ...size, '--db', at('tickets')]);
  expect(err).toContain('already planted');
});
