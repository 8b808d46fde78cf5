/** What the control flags of a TCP segment say: how the connection opened and closed, and its handshake's round-trip times. */
import { type Layers, TcpFlag } from '../packet/layers.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

const HIGH_HALF = 1 << 16;
export const lowHalf = (word: number): number => word & 0xffff;
export const highHalf = (word: number): number => word >>> 16;

/**
 * Counts flags and takes handshake times. To be called for segments with SYN, FIN or RST, and for any while the flow is
 * `AWAITING_ACK`, after `TcpSequence.read`.
 *
 * @param rttUs what the segment's acknowledgement told, -1 for nothing: a repeated SYN tells nothing
 * @returns true if this segment closed the connection: FIN both ways, or RST
 */
export const readTcpControl = (flows: FlowTable, flow: number, layers: Layers, up: boolean, rttUs: number): boolean => {
  const { words } = flows;
  const { tcpFlags, tcpSequence, tcpAcknowledgement } = layers;
  const w = flow * RECORD_WORDS;
  let bits = words[w + Word.BITS]!;
  if ((tcpFlags & TcpFlag.SYN) !== 0) {
    if ((tcpFlags & TcpFlag.ACK) === 0 && up) {
      if (words[w + Word.UP_SYNS]!++ === 0) words[w + Word.CLIENT_ISN] = tcpSequence;
      words[w + Word.MINUTE_OPENINGS]!++;
    } else if ((tcpFlags & TcpFlag.ACK) !== 0 && !up) {
      if (words[w + Word.DOWN_SYNS]!++ === 0) {
        words[w + Word.SERVER_ISN] = tcpSequence;
        // What it acknowledges is the SYN, seen or not.
        if (words[w + Word.UP_SYNS] === 0) words[w + Word.CLIENT_ISN] = (tcpAcknowledgement - 1) | 0;
        bits |= FlowBit.AWAITING_ACK;
        if (words[w + Word.UP_SYNS] === 1) words[w + Word.SERVER_RTT] = rttUs;
      }
      words[w + Word.MINUTE_OPENINGS]! += HIGH_HALF;
    }
  } else if (up && (bits & FlowBit.AWAITING_ACK) !== 0) {
    bits &= ~FlowBit.AWAITING_ACK;
    if ((tcpFlags & (TcpFlag.ACK | TcpFlag.RST)) === TcpFlag.ACK) {
      if (words[w + Word.SERVER_RTT]! >= 0) bits |= FlowBit.RTT_THIS_MINUTE;
      if (words[w + Word.DOWN_SYNS] === 1) words[w + Word.CLIENT_RTT] = rttUs;
    }
  }
  if ((tcpFlags & TcpFlag.FIN) !== 0) {
    words[w + (up ? Word.UP_FINS : Word.DOWN_FINS)]!++;
    words[w + Word.MINUTE_CLOSINGS]!++;
  }
  if ((tcpFlags & TcpFlag.RST) !== 0) {
    words[w + (up ? Word.UP_RSTS : Word.DOWN_RSTS)]!++;
    words[w + Word.MINUTE_CLOSINGS]! += HIGH_HALF;
  }
  const isClosed =
    words[w + Word.UP_RSTS]! + words[w + Word.DOWN_RSTS]! > 0 ||
    (words[w + Word.UP_FINS]! > 0 && words[w + Word.DOWN_FINS]! > 0);
  words[w + Word.BITS] = isClosed ? bits | FlowBit.CLOSED : bits;
  return isClosed && (bits & FlowBit.CLOSED) === 0;
};

/** Is a count of the minute that runs at the end of its half word? The minute must be told before the next segment. */
export const isMinuteFull = (words: Int32Array, w: number): boolean => {
  const openings = words[w + Word.MINUTE_OPENINGS]!;
  const closings = words[w + Word.MINUTE_CLOSINGS]!;
  return (
    lowHalf(openings) === 0xffff ||
    highHalf(openings) === 0xffff ||
    lowHalf(closings) === 0xffff ||
    highHalf(closings) === 0xffff
  );
};
