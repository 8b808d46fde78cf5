import { expect, test } from 'vitest';
import { connState } from './conn-state.ts';
import { Double, keyBits, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import { FlowTable } from './flow-table.ts';

const words = {
  SYN: Word.UP_SYNS,
  'SYN/ACK': Word.DOWN_SYNS,
  'client FIN': Word.UP_FINS,
  'server FIN': Word.DOWN_FINS,
  'client RST': Word.UP_RSTS,
  'server RST': Word.DOWN_RSTS,
} as const;

type Seen = keyof typeof words | 'client packet' | 'server packet';

/** The state of a flow of which the given was seen, each once. */
const stateOf = (protocol: number, seen: readonly Seen[], field: 'minute' | 'past' = 'minute'): string => {
  const flows = new FlowTable(10);
  flows.add(0);
  const flow = flows.add(1);
  flows.words[flow * RECORD_WORDS + Word.BITS] = keyBits(protocol, 0);
  for (const each of seen) {
    if (each in words) flows.words[flow * RECORD_WORDS + words[each as keyof typeof words]]!++;
    const isUp = each.startsWith('client') || each === 'SYN';
    if (field === 'minute')
      flows.words[flow * RECORD_WORDS + (isUp ? Word.MINUTE_UP_PACKETS : Word.MINUTE_DOWN_PACKETS)]!++;
    else flows.doubles[flow * RECORD_DOUBLES + (isUp ? Double.UP_PACKETS : Double.DOWN_PACKETS)]!++;
  }
  return connState(flows, flow);
};

const handshake = ['SYN', 'SYN/ACK', 'client packet'] as const;

// The left column is Zeek's description of conn_state.
test.each<readonly [meaning: string, state: string, seen: readonly Seen[]]>([
  ['connection attempt seen, no reply', 'S0', ['SYN']],
  ['several attempts, no reply', 'S0', ['SYN', 'SYN', 'SYN']],
  ['established, not terminated', 'S1', handshake],
  ['established, not terminated, the acknowledgement not seen', 'S1', ['SYN', 'SYN/ACK']],
  ['normal establishment and termination', 'SF', [...handshake, 'client FIN', 'server FIN']],
  ['connection attempt rejected', 'REJ', ['SYN', 'server RST']],
  ['established, close attempt by originator, no reply', 'S2', [...handshake, 'client FIN']],
  ['established, close attempt by responder, no reply', 'S3', [...handshake, 'server FIN']],
  ['established, originator aborted', 'RSTO', [...handshake, 'client RST']],
  ['established, responder aborted', 'RSTR', [...handshake, 'server RST']],
  ['established, both aborted', 'RSTR', [...handshake, 'client RST', 'server RST']],
  ['SYN, then RST, no SYN/ACK seen', 'RSTOS0', ['SYN', 'client RST']],
  ['SYN/ACK, then RST, no SYN seen', 'RSTRH', ['SYN/ACK', 'server RST']],
  ['SYN, then FIN, no SYN/ACK seen', 'SH', ['SYN', 'client FIN']],
  ['SYN/ACK, then FIN, no SYN seen', 'SHR', ['SYN/ACK', 'server FIN']],
  ['no SYN seen', 'OTH', ['client packet', 'server packet']],
  ['SYN, and an answer that is none', 'OTH', ['SYN', 'server packet']],
])('%s: %s', (_, state, seen) => {
  expect(stateOf(6, seen)).toBe(state);
  expect(stateOf(6, seen, 'past')).toBe(state);
});

test.each<readonly [protocol: string, number: number, seen: readonly Seen[], state: string]>([
  ['UDP', 17, ['client packet'], 'S0'],
  ['UDP', 17, ['client packet', 'server packet'], 'SF'],
  ['UDP', 17, ['server packet'], 'SHR'],
  ['ICMP', 1, ['client packet', 'server packet'], 'OTH'],
  ['SCTP', 132, ['client packet'], 'OTH'],
])('%s (%i) with %j: %s', (_, protocol, seen, state) => {
  expect(stateOf(protocol, seen)).toBe(state);
  expect(stateOf(protocol, seen, 'past')).toBe(state);
});
