/** Arithmetic of TCP sequence numbers, modulo 2^32 (RFC 9293 3.4). */
import { type Layers, TcpFlag } from '../packet/layers.ts';

/** How far `to` is ahead of `from`; negative if it is behind. */
export const distance = (from: number, to: number): number => (to - from) | 0;

/** Sequence number of the first payload byte: a SYN, which may carry payload (RFC 7413), takes one itself. */
export const sequenceOfPayload = ({ tcpSequence, tcpFlags }: Layers): number =>
  (tcpFlags & TcpFlag.SYN) !== 0 ? (tcpSequence + 1) | 0 : tcpSequence;
