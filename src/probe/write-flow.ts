/** A flow's record into a row of the flows table: what the packets' headers gave. */
import { IpProtocol, tunnelNames } from '../packet/layers.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import { connState } from './conn-state.ts';
import { Double, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { EndReason } from './observer.ts';
import type { Probe } from './probe.ts';
import { protocolName } from './protocol-name.ts';

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hex8 = (word: number): string =>
  hexBytes[word >>> 24]! + hexBytes[(word >>> 16) & 255]! + hexBytes[(word >>> 8) & 255]! + hexBytes[word & 255]!;

/** The flow's id: 8 hex characters of its start in seconds, 8 of the keyed hash made when it opened. */
const flowIdOf = (probe: Probe, flow: number): string => {
  const startedAt = probe.flows.doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
  return hex8(Math.floor(startedAt / 1e6)) + hex8(probe.flows.words[flow * RECORD_WORDS + Word.ID_HASH]!);
};

/** Fills the probe's columns of `row`; source, vantage, `reported_at` and labels are for the caller. */
export const writeFlow = (
  probe: Probe,
  flow: number,
  reason: EndReason,
  batch: Batch<typeof flows.columns>,
  row: number,
): void => {
  const { interner, addresses } = probe;
  const { words, doubles } = probe.flows;
  const { columns } = batch;
  const w = flow * RECORD_WORDS;
  const d = flow * RECORD_DOUBLES;
  const protocol = words[w + Word.PROTOCOL]!;
  const bits = words[w + Word.BITS]!;
  const isTcp = protocol === IpProtocol.TCP;

  columns.flow_id[row] = interner.add(flowIdOf(probe, flow));
  columns.started_at[row] = doubles[d + Double.STARTED_AT]!;
  columns.ended_at[row] = doubles[d + Double.ENDED_AT]!;
  const client = addresses.code(words[w + Word.CLIENT_ID]!, interner);
  columns.client[row] = client;
  columns.client_ip[row] = client;
  columns.server_ip[row] = addresses.code(words[w + Word.SERVER_ID]!, interner);
  if (isTcp || protocol === IpProtocol.UDP) {
    columns.client_port[row] = words[w + Word.PORTS]! >>> 16;
    columns.server_port[row] = words[w + Word.PORTS]! & 0xffff;
  }
  columns.protocol[row] = interner.code(protocolName(protocol));
  columns.up_packets[row] = doubles[d + Double.UP_PACKETS]! + words[w + Word.MINUTE_UP_PACKETS]!;
  columns.down_packets[row] = doubles[d + Double.DOWN_PACKETS]! + words[w + Word.MINUTE_DOWN_PACKETS]!;
  columns.up_bytes[row] = doubles[d + Double.UP_BYTES]! + doubles[d + Double.MINUTE_UP_BYTES]!;
  columns.down_bytes[row] = doubles[d + Double.DOWN_BYTES]! + doubles[d + Double.MINUTE_DOWN_BYTES]!;
  if (isTcp) {
    columns.up_syns[row] = words[w + Word.UP_SYNS]!;
    columns.down_syns[row] = words[w + Word.DOWN_SYNS]!;
    columns.up_fins[row] = words[w + Word.UP_FINS]!;
    columns.down_fins[row] = words[w + Word.DOWN_FINS]!;
    columns.up_rsts[row] = words[w + Word.UP_RSTS]!;
    columns.down_rsts[row] = words[w + Word.DOWN_RSTS]!;
    columns.server_rtt_us[row] = doubles[d + Double.SERVER_RTT]!;
    columns.client_rtt_us[row] = doubles[d + Double.CLIENT_RTT]!;
    if (!Number.isNaN(doubles[d + Double.SERVER_RTT]!)) columns.rtt_source[row] = interner.code('syn');
  }
  columns.conn_state[row] = interner.code(connState(probe.flows, flow));
  columns.end_reason[row] = interner.code(reason);
  columns.tls_sni[row] = words[w + Word.SNI]!;
  if (words[w + Word.ALPN] !== 0) {
    for (const name of interner.text(words[w + Word.ALPN]!).split(' ')) columns.alpn.push(interner.code(name));
  }
  if ((bits & FlowBit.HELLO) !== 0) columns.ech_offered[row] = (bits & FlowBit.ECH_OFFERED) !== 0 ? 1 : 0;
  columns.http_host[row] = words[w + Word.HTTP_HOST]!;
  if (words[w + Word.TTL]! > 0) columns.ip_ttl[row] = words[w + Word.TTL]!;
  columns.tunnel[row] = interner.code(tunnelNames[words[w + Word.TUNNEL]!]!);
  if (words[w + Word.VLAN]! >= 0) columns.vlan[row] = words[w + Word.VLAN]!;
  columns.snaplen_cut[row] = (bits & FlowBit.SNAPLEN_CUT) !== 0 ? 1 : 0;
};
