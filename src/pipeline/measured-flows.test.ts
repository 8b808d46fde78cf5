import { expect, test } from 'vitest';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { LinkType } from '../packet/frame-sink.ts';
import type { Frame } from '../synth/frame.ts';
import { plantedWhatsApp } from '../synth/planted-whatsapp.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import { LabelledTickets } from './labelled-tickets.ts';
import { MeasuredFlows } from './measured-flows.ts';

type Tables = Readonly<Record<string, readonly Row[]>>;

const take = (tickets: LabelledTickets): Tables => {
  const names = new Set(tickets.sealed.map(({ table }) => table));
  const ofTable = (name: string): Row[] => tickets.sealed.filter(({ table }) => table === name).flatMap(rowsOf);
  return Object.fromEntries([...names].map((name) => [name, ofTable(name)]));
};

const fromPackets = (frames: Iterable<Frame>): Tables => {
  const tickets = new LabelledTickets(testOptions);
  for (const { at, bytes, length } of frames)
    tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
  tickets.finish();
  return take(tickets);
};

const fromMeasures = (events: Iterable<Frame | MeasuredFlow>): Tables => {
  const tickets = new LabelledTickets(testOptions);
  const measured = new MeasuredFlows(tickets);
  for (const event of events) {
    if (!('bytes' in event)) measured.open(event);
    else {
      measured.elapse(event.at);
      tickets.probe.frame(event.bytes, 0, event.bytes.length, event.length, event.at, LinkType.ETHERNET);
    }
  }
  measured.finish();
  return take(tickets);
};

const sorted = (rows: readonly Row[] = [], ...by: readonly string[]): readonly Row[] =>
  rows
    .map(({ reported_at, ...row }) => row)
    .toSorted((a, b) => by.map((name) => (a[name]! < b[name]! ? -1 : a[name]! > b[name]! ? 1 : 0)).find(Boolean) ?? 0);

test.each([1, 2, 3])(
  'a planted hour gives the same tickets by its packets and by its measures: seed %i',
  { timeout: 60_000 },
  (seed) => {
    const options = { seed, clients: 15, hours: 1 };
    const packets = fromPackets(plantedWhatsApp(options).frames);
    const measures = fromMeasures(plantedWhatsApp(options).measured(testOptions.burstIdleUs));
    for (const [table, ...by] of [
      ['dns', 'asked_at', 'client', 'qname'],
      ['flows', 'started_at', 'client', 'client_port'],
      ['bursts', 'started_at', 'flow_id'],
      ['counters', 'minute_at', 'service', 'class'],
    ] as const)
      expect(sorted(measures[table], ...by), table).toEqual(sorted(packets[table], ...by));
  },
);
