/** Other rules in the midst of a stream: what they own, and which version each row says that it was labelled by. */
import { expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { rowsOf, testOptions } from '../../test/rows.ts';
import { Catalog } from '../catalog/catalog.ts';
import { parseRuleFile } from '../catalog/parse-rule-file.ts';
import { HOUR, MINUTE, SECOND } from '../kit/time.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import type { Frame } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';
import { LabelledTickets } from './labelled-tickets.ts';

const T = Date.UTC(2019, 5, 25, 9) * 1000;
const PAYLOAD = Buffer.from('deadbeef', 'hex');

const catalogOf = (name: string): Catalog =>
  new Catalog([
    parseRuleFile(
      't.yaml',
      [
        'service: t',
        'title: T',
        'sources: {s: S}',
        'rules:',
        `  - {class: ${name}, source: s, suffix: t.example}`,
        `  - {class: ${name}, source: s, payload: de ad be ef}`,
      ].join('\n'),
    ),
  ]);
const before = catalogOf('before');
const after = catalogOf('after');

const header = (flags: number, sequence: number) => ({ sequence, acknowledgment: 0, flags, window: 1 });

/** A client learns where x.t.example is. */
const answer = (at: number, server: string): Frame => {
  const question = { id: 1, name: 'x.t.example', type: 'A' as const };
  const answers = [{ name: question.name, type: question.type, ttlS: 7200, data: server }];
  const message = toDnsMessage({ ...question, response: { rcode: 'NOERROR', answers } });
  return between(end('10.0.0.1', 5000), end('10.255.0.53', 53)).udp(at, 'down', message);
};
const opening = (at: number, server: string): Frame =>
  between(end('10.0.0.1', 40_000), end(server, 443)).tcp(at, 'up', header(TcpFlag.SYN, 0));
const speech = (at: number, server: string): Frame =>
  between(end('10.0.0.1', 40_000), end(server, 443)).tcp(at, 'up', header(TcpFlag.ACK, 1), literal(PAYLOAD), 0, 4);

/** How the flows ended up, by server; the rules change in the middle, perhaps by way of a checkpoint. */
const labelled = (first: readonly Frame[], second: readonly Frame[], isRestored: boolean) => {
  const options = { ...testOptions, synIdleUs: 2 * MINUTE, tcpIdleUs: HOUR };
  let tickets = new LabelledTickets({ ...options, catalog: before });
  const rows: Record<string, unknown>[] = [];
  const take = (): void => {
    for (const batch of tickets.sealed.splice(0)) if (batch.table === 'flows') rows.push(...rowsOf(batch));
  };
  const pass = (frames: readonly Frame[]): void => {
    for (const { at, bytes, length } of frames) {
      tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    }
    take();
  };
  pass(first);
  if (isRestored) {
    const state = structuredClone(tickets.checkpoint());
    take();
    tickets = new LabelledTickets({ ...options, catalog: after });
    tickets.restore(state);
  } else tickets.useCatalog(after);
  pass(second);
  tickets.finish();
  take();
  const nameOf = (version: unknown): string => (version === before.version ? 'before' : 'after');
  return Object.fromEntries(
    rows
      .filter(({ protocol }) => protocol === 'tcp')
      .map((row) => [row.server_ip, [row.class, row.service_source, nameOf(row.rules_version)]]),
  );
};

test.each([
  ['at run time', false],
  ['from command to command', true],
])('%s: names are looked up anew, evidence that has passed stands under the rules that told of it', (_, isRestored) => {
  const first = [
    answer(T, '192.0.2.1'),
    opening(T + SECOND, '192.0.2.1'),
    // The first flow is over when the others begin.
    ...['192.0.2.2', '192.0.2.3', '192.0.2.4'].flatMap((server, i) => {
      const at = T + 10 * MINUTE + i * SECOND;
      return i === 0 ? [answer(at, server), opening(at + 1, server)] : [opening(at, server)];
    }),
    speech(T + 10 * MINUTE + 5 * SECOND, '192.0.2.2'),
    speech(T + 10 * MINUTE + 5 * SECOND, '192.0.2.3'),
  ];
  const second = [
    answer(T + 11 * MINUTE, '192.0.2.5'),
    opening(T + 11 * MINUTE + 1, '192.0.2.5'),
    opening(T + 11 * MINUTE + 2, '192.0.2.6'),
    speech(T + 11 * MINUTE + 3, '192.0.2.6'),
  ];
  expect(labelled(first, second, isRestored)).toEqual({
    '192.0.2.1': ['before', 'name', 'before'],
    '192.0.2.2': ['after', 'name', 'after'],
    '192.0.2.3': ['before', 'payload', 'before'],
    '192.0.2.4': ['', '', 'after'],
    '192.0.2.5': ['after', 'name', 'after'],
    '192.0.2.6': ['after', 'payload', 'after'],
  });
});

test('of rules that are the same nothing changes', () => {
  const tickets = new LabelledTickets({ ...testOptions, catalog: before });
  const state = structuredClone(tickets.checkpoint());
  tickets.useCatalog(catalogOf('before'));
  expect(tickets.checkpoint()).toEqual(state);
});
