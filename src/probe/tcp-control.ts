/** What the control flags of a TCP segment say: how the connection opened and closed, and its handshake's round-trip times. */
import { type Layers, TcpFlag } from '../packet/layers.ts';
import { Double, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/** Packets out of time order give no negative round-trip time but none. */
const atLeastZero = (us: number): number => (us >= 0 ? us : Number.NaN);

/**
 * Counts flags and takes handshake times. To be called for segments with SYN, FIN or RST, and for any while the flow is
 * `AWAITING_ACK`.
 *
 * @returns true if this segment closed the connection: FIN both ways, or RST
 */
export const readTcpControl = (flows: FlowTable, flow: number, layers: Layers, up: boolean, at: number): boolean => {
  const { words, doubles } = flows;
  const { tcpFlags, tcpSequence, tcpAcknowledgement } = layers;
  const w = flow * RECORD_WORDS;
  const d = flow * RECORD_DOUBLES;
  let bits = words[w + Word.BITS]!;
  if ((tcpFlags & TcpFlag.SYN) !== 0) {
    if ((tcpFlags & TcpFlag.ACK) === 0 && up) {
      if (words[w + Word.UP_SYNS]!++ === 0) {
        doubles[d + Double.SYN_AT] = at;
        words[w + Word.CLIENT_ISN] = tcpSequence;
      } else bits |= FlowBit.SYN_REPEATED;
      words[w + Word.MINUTE_SYNS]!++;
    } else if ((tcpFlags & TcpFlag.ACK) !== 0 && !up) {
      if (words[w + Word.DOWN_SYNS]!++ === 0) {
        doubles[d + Double.SYNACK_AT] = at;
        words[w + Word.SERVER_ISN] = tcpSequence;
        // What it acknowledges is the SYN, seen or not.
        if (words[w + Word.UP_SYNS] === 0) words[w + Word.CLIENT_ISN] = (tcpAcknowledgement - 1) | 0;
        bits |= FlowBit.AWAITING_ACK;
        if ((bits & FlowBit.SYN_REPEATED) === 0)
          doubles[d + Double.SERVER_RTT] = atLeastZero(at - doubles[d + Double.SYN_AT]!);
      } else bits |= FlowBit.SYNACK_REPEATED;
      words[w + Word.MINUTE_SYNACKS]!++;
    }
  } else if (up && (bits & FlowBit.AWAITING_ACK) !== 0) {
    bits &= ~FlowBit.AWAITING_ACK;
    if ((tcpFlags & (TcpFlag.ACK | TcpFlag.RST)) === TcpFlag.ACK) {
      doubles[d + Double.MINUTE_RTT] = doubles[d + Double.SERVER_RTT]!;
      if ((bits & FlowBit.SYNACK_REPEATED) === 0)
        doubles[d + Double.CLIENT_RTT] = atLeastZero(at - doubles[d + Double.SYNACK_AT]!);
    }
  }
  if ((tcpFlags & TcpFlag.FIN) !== 0) {
    words[w + (up ? Word.UP_FINS : Word.DOWN_FINS)]!++;
    words[w + Word.MINUTE_FINS]!++;
  }
  if ((tcpFlags & TcpFlag.RST) !== 0) {
    words[w + (up ? Word.UP_RSTS : Word.DOWN_RSTS)]!++;
    words[w + Word.MINUTE_RSTS]!++;
  }
  const isClosed =
    words[w + Word.UP_RSTS]! + words[w + Word.DOWN_RSTS]! > 0 ||
    (words[w + Word.UP_FINS]! > 0 && words[w + Word.DOWN_FINS]! > 0);
  words[w + Word.BITS] = isClosed ? bits | FlowBit.CLOSED : bits;
  return isClosed && (bits & FlowBit.CLOSED) === 0;
};
