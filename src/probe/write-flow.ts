/** A flow's record into a row of the flows table: what the packets' headers gave. */
import { IpProtocol } from '../packet/layers.ts';
import { tunnelText } from '../packet/tunnel.ts';
import type { Batch, IdColumn } from '../tickets/batch.ts';
import type { bursts, flows } from '../tickets/index.ts';
import { connState } from './conn-state.ts';
import {
  Double,
  FlowBit,
  protocolOf,
  RECORD_DOUBLES,
  RECORD_WORDS,
  ttlOf,
  tunnelOf,
  vlanOf,
  Word,
} from './flow-record.ts';
import { MobileBit } from './mobile-flows.ts';
import type { EndReason } from './observer.ts';
import { lastPayloadAt, transferTimes } from './payload-clock.ts';
import type { Probe } from './probe.ts';
import { protocolName } from './protocol-name.ts';
import { Trouble } from './tcp-troubles.ts';

/** Puts the flow's id into a row: its start in seconds, and the keyed hash made when it opened. */
export const writeFlowId = ({ flows }: Probe, flow: number, column: IdColumn, row: number): void => {
  const startedAt = flows.doubles[flow * RECORD_DOUBLES + Double.STARTED_AT]!;
  column.set(row, Math.floor(startedAt / 1e6), flows.words[flow * RECORD_WORDS + Word.ID_HASH]!);
};

/** Puts the flow's client into a row: what it is known by, the identity of the subscriber or else the address, and the address. */
export const writeClient = (
  { flows, sessions, addresses, interner }: Probe,
  flow: number,
  columns: { readonly client: Int32Array; readonly client_ip: Int32Array },
  row: number,
): void => {
  const identity = sessions.flows.identity(flows.words[flow * RECORD_WORDS + Word.MOBILE]!);
  const address = addresses.code(flows.clientId(flow), interner);
  columns.client[row] = identity === '' ? address : interner.code(identity);
  columns.client_ip[row] = address;
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
  const bits = words[w + Word.BITS]!;
  const protocol = protocolOf(bits);
  const isTcp = protocol === IpProtocol.TCP;

  writeFlowId(probe, flow, columns.flow_id, row);
  columns.started_at[row] = doubles[d + Double.STARTED_AT]!;
  columns.ended_at[row] = doubles[d + Double.ENDED_AT]!;
  writeClient(probe, flow, columns, row);
  columns.server_ip[row] = addresses.code(probe.flows.serverId(flow), interner);
  if (isTcp || protocol === IpProtocol.UDP) {
    columns.client_port[row] = words[w + Word.PORTS]! >>> 16;
    columns.server_port[row] = words[w + Word.PORTS]! & 0xffff;
  }
  columns.protocol[row] = interner.word(protocolName(protocol));
  columns.up_packets[row] = doubles[d + Double.UP_PACKETS]! + words[w + Word.MINUTE_UP_PACKETS]!;
  columns.down_packets[row] = doubles[d + Double.DOWN_PACKETS]! + words[w + Word.MINUTE_DOWN_PACKETS]!;
  columns.up_bytes[row] = doubles[d + Double.UP_BYTES]! + doubles[d + Double.MINUTE_UP_BYTES]!;
  columns.down_bytes[row] = doubles[d + Double.DOWN_BYTES]! + doubles[d + Double.MINUTE_DOWN_BYTES]!;
  columns.max_idle_us[row] = doubles[d + Double.MAX_IDLE]!;
  if (isTcp || protocol === IpProtocol.UDP) {
    columns.up_payload[row] = doubles[d + Double.UP_PAYLOAD]!;
    columns.down_payload[row] = doubles[d + Double.DOWN_PAYLOAD]!;
    const [both, up, down] = transferTimes(probe.flows, flow);
    columns.transfer_us[row] = both;
    columns.up_transfer_us[row] = up;
    columns.down_transfer_us[row] = down;
  }
  if (protocol === IpProtocol.UDP) columns.quic_version[row] = words[w + Word.QUIC_VERSION]!;
  if (isTcp) writeTcp(probe, flow, batch, row);
  writeRtt(probe, flow, batch, row, isTcp ? 'data' : 'quic');
  columns.conn_state[row] = interner.word(connState(probe.flows, flow));
  columns.end_reason[row] = interner.word(reason);
  columns.tls_sni[row] = words[w + Word.SNI]!;
  for (const name of probe.alpnLists.of(words[w + Word.ALPN]!)) columns.alpn.push(name);
  if ((bits & FlowBit.HELLO) !== 0) columns.ech_offered[row] = (bits & FlowBit.ECH_OFFERED) !== 0 ? 1 : 0;
  columns.http_host[row] = words[w + Word.HTTP_HOST]!;
  const envelope = words[w + Word.ENVELOPE]!;
  if (ttlOf(envelope) > 0) columns.ip_ttl[row] = ttlOf(envelope);
  columns.tunnel[row] = interner.word(tunnelText(tunnelOf(envelope)));
  if (vlanOf(envelope) >= 0) columns.vlan[row] = vlanOf(envelope);
  columns.snaplen_cut[row] = (bits & FlowBit.SNAPLEN_CUT) !== 0 ? 1 : 0;
  writeMobile(probe, words[w + Word.MOBILE]!, batch, row);
};

/** @param record number in `MobileFlows` */
const writeMobile = (probe: Probe, record: number, batch: Batch<typeof flows.columns>, row: number): void => {
  const { interner } = probe;
  const { flows: mobile, nodes } = probe.sessions;
  const { columns } = batch;
  const isKnown = mobile.identity(record) !== '';
  columns.subscriber_source[row] = interner.word(isKnown ? mobile.clientState(record)!.kind : 'address');
  if (record === 0) return;
  if (mobile.has(record, MobileBit.IN_TUNNEL)) {
    columns.up_teid[row] = mobile.teid(record, true);
    columns.down_teid[row] = mobile.teid(record, false);
    columns.gtp_peer[row] = nodes.code(mobile.peer(record), interner);
  }
  const state = mobile.state(record);
  if (state === undefined) return;
  columns.rat[row] = interner.code(state.rat);
  columns.cell[row] = interner.code(state.cell);
  columns.apn[row] = interner.code(state.apn);
  columns.plmn[row] = interner.code(state.plmn);
};

const writeTcp = (probe: Probe, flow: number, batch: Batch<typeof flows.columns>, row: number): void => {
  const { words, doubles } = probe.flows;
  const { columns } = batch;
  const w = flow * RECORD_WORDS;
  columns.syn_signature[row] = words[w + Word.SYN_SIGNATURE]!;
  columns.up_syns[row] = words[w + Word.UP_SYNS]!;
  columns.down_syns[row] = words[w + Word.DOWN_SYNS]!;
  columns.up_fins[row] = words[w + Word.UP_FINS]!;
  columns.down_fins[row] = words[w + Word.DOWN_FINS]!;
  columns.up_rsts[row] = words[w + Word.UP_RSTS]!;
  columns.down_rsts[row] = words[w + Word.DOWN_RSTS]!;
  columns.closing_idle_us[row] = doubles[flow * RECORD_DOUBLES + Double.CLOSING_IDLE]!;
  const record = words[w + Word.TROUBLES]!;
  const { troubles } = probe;
  columns.up_retransmits[row] = troubles.read(record, Trouble.UP_RETRANSMITS);
  columns.down_retransmits[row] = troubles.read(record, Trouble.DOWN_RETRANSMITS);
  columns.up_reordered[row] = troubles.read(record, Trouble.UP_REORDERED);
  columns.down_reordered[row] = troubles.read(record, Trouble.DOWN_REORDERED);
  columns.up_zero_windows[row] = troubles.read(record, Trouble.UP_ZERO_WINDOWS);
  columns.down_zero_windows[row] = troubles.read(record, Trouble.DOWN_ZERO_WINDOWS);
  columns.up_keepalives[row] = troubles.read(record, Trouble.UP_KEEPALIVES);
  columns.down_keepalives[row] = troubles.read(record, Trouble.DOWN_KEEPALIVES);
};

/** @param otherSource what `rtt_source` says if the handshake of TCP gave no RTT */
const writeRtt = (
  probe: Probe,
  flow: number,
  batch: Batch<typeof flows.columns>,
  row: number,
  otherSource: 'data' | 'quic',
): void => {
  const { words, doubles } = probe.flows;
  const { columns } = batch;
  const w = flow * RECORD_WORDS;
  const d = flow * RECORD_DOUBLES;
  const serverSamples = words[w + Word.SERVER_RTT_SAMPLES]!;
  const clientSamples = words[w + Word.CLIENT_RTT_SAMPLES]!;
  const serverUs = words[w + Word.SERVER_RTT]!;
  const clientUs = words[w + Word.CLIENT_RTT]!;
  if (serverUs >= 0) columns.server_rtt_us[row] = serverUs;
  if (clientUs >= 0) columns.client_rtt_us[row] = clientUs;
  columns.server_rtt_samples[row] = serverSamples;
  columns.client_rtt_samples[row] = clientSamples;
  if (serverSamples > 0) {
    columns.server_rtt_min_us[row] = words[w + Word.SERVER_RTT_MIN]!;
    columns.server_rtt_avg_us[row] = Math.round(doubles[d + Double.SERVER_RTT_SUM]! / serverSamples);
  }
  if (clientSamples > 0) {
    columns.client_rtt_min_us[row] = words[w + Word.CLIENT_RTT_MIN]!;
    columns.client_rtt_avg_us[row] = Math.round(doubles[d + Double.CLIENT_RTT_SUM]! / clientSamples);
  }
  if (serverSamples + clientSamples === 0) return;
  const isSyn = otherSource === 'data' && (serverUs >= 0 || clientUs >= 0);
  columns.rtt_source[row] = probe.interner.word(isSyn ? 'syn' : otherSource);
};

/** Fills the probe's columns of a row of bursts: the burst of `flow` that is over. */
export const writeBurst = (probe: Probe, flow: number, batch: Batch<typeof bursts.columns>, row: number): void => {
  const { words, doubles } = probe.flows;
  const { columns } = batch;
  const d = flow * RECORD_DOUBLES;
  writeFlowId(probe, flow, columns.flow_id, row);
  columns.started_at[row] = doubles[d + Double.BURST_AT]!;
  columns.ended_at[row] = lastPayloadAt(doubles, d);
  columns.up_payload[row] = doubles[d + Double.BURST_UP]!;
  columns.down_payload[row] = doubles[d + Double.BURST_DOWN]!;
  columns.packets[row] = words[flow * RECORD_WORDS + Word.BURST_PACKETS]!;
};
