/** How a connection went, in Zeek's words (conn_state of its connection log). */
import { IpProtocol } from '../packet/layers.ts';
import { Double, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

const tcpState = (words: Int32Array, w: number, downPackets: number): string => {
  const syn = words[w + Word.UP_SYNS]! > 0;
  const synack = words[w + Word.DOWN_SYNS]! > 0;
  const upFin = words[w + Word.UP_FINS]! > 0;
  const downFin = words[w + Word.DOWN_FINS]! > 0;
  if (words[w + Word.DOWN_RSTS]! > 0) return syn ? (synack ? 'RSTR' : 'REJ') : 'RSTRH';
  if (words[w + Word.UP_RSTS]! > 0) return synack ? 'RSTO' : 'RSTOS0';
  if (upFin && downFin) return 'SF';
  if (upFin) return synack ? 'S2' : 'SH';
  if (downFin) return syn ? 'S3' : 'SHR';
  if (syn && downPackets === 0) return 'S0';
  return syn && synack ? 'S1' : 'OTH';
};

/** S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH; over UDP by which ends sent at all. */
export const connState = (flows: FlowTable, flow: number): string => {
  const { words, doubles } = flows;
  const w = flow * RECORD_WORDS;
  const d = flow * RECORD_DOUBLES;
  const upPackets = doubles[d + Double.UP_PACKETS]! + words[w + Word.MINUTE_UP_PACKETS]!;
  const downPackets = doubles[d + Double.DOWN_PACKETS]! + words[w + Word.MINUTE_DOWN_PACKETS]!;
  if (flows.protocol(flow) === IpProtocol.TCP) return tcpState(words, w, downPackets);
  if (flows.protocol(flow) !== IpProtocol.UDP) return 'OTH';
  return upPackets > 0 ? (downPackets > 0 ? 'SF' : 'S0') : 'SHR';
};
