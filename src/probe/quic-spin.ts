/** Round-trip times from the spin bit of QUIC's short headers (RFC 9000 17.4, RFC 9312 4.2). */
import { spinOf } from '../packet/quic-header.ts';
import { Double, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import { addRtt } from './rtt.ts';

/** `Word.SPIN`: the values last seen, by direction, that they were seen, who turns the bit; and two counts. */
const UP_VALUE = 1;
const UP_SEEN = 2;
const DOWN_VALUE = 4;
const DOWN_SEEN = 8;
/** The end that began the connection, and so turns the bit, is the flow's server. */
export const SPIN_TURNED_DOWN = 16;
const BOTH_SEEN = UP_SEEN | DOWN_SEEN;
const FLAGS = UP_VALUE | DOWN_VALUE | BOTH_SEEN | SPIN_TURNED_DOWN;
/** Edges in turn, since the last one out of turn; no more than the trial are counted. */
const TURNS_SHIFT = 8;
/** Edges out of turn. */
const BREAKS_SHIFT = 16;

/**
 * Two whole periods must be in order before anything is measured: where one end rolls dice (as one connection in
 * sixteen may), or answers with what it likes, the order breaks long before.
 */
const TRIAL_TURNS = 4;
/** A packet that was overtaken breaks the order, too; a flow that breaks it more often is not spinning. */
const MAX_BREAKS = 8;
/** An end shows the new value with its next packet: what it was silent before is how much too long a sample may be. */
const MAX_ERROR_SHARE = 1 / 4;

/**
 * A packet with a short header. The client turns the bit when it sees its value reflected, the server reflects it: from
 * a turn to its reflection is the round trip of the server's side, from there to the next turn that of the client's. So
 * the two must alternate, and what breaks the order is no spin bit. To be called before the times of payload move on.
 * Part of the fast path.
 */
export const readSpin = (flows: FlowTable, flow: number, first: number, up: boolean, at: number): void => {
  const { words } = flows;
  const w = flow * RECORD_WORDS;
  const state = words[w + Word.SPIN]!;
  const value = up ? UP_VALUE : DOWN_VALUE;
  const seen = up ? UP_SEEN : DOWN_SEEN;
  const isSet = spinOf(first) !== 0;
  if ((state & seen) !== 0 && isSet === ((state & value) !== 0)) return;
  const next = seen | (isSet ? state | value : state & ~value);
  if ((state & BOTH_SEEN) === BOTH_SEEN) readEdge(flows, flow, next, up, at);
  else words[w + Word.SPIN] = next;
};

const readEdge = (flows: FlowTable, flow: number, next: number, up: boolean, at: number): void => {
  const { words, doubles } = flows;
  const w = flow * RECORD_WORDS;
  const turns = (next >> TURNS_SHIFT) & 0xff;
  const breaks = next >> BREAKS_SHIFT;
  if (breaks > MAX_BREAKS) return;
  const flags = next & FLAGS;
  const differ = ((flags & UP_VALUE) !== 0) !== ((flags & DOWN_VALUE) !== 0);
  const isTurn = up === ((flags & SPIN_TURNED_DOWN) === 0);
  // After a turn of the bit the ends differ, after its reflection they are equal.
  if (differ !== isTurn) {
    words[w + Word.SPIN] = flags | ((breaks + 1) << BREAKS_SHIFT);
    return;
  }
  if (turns === TRIAL_TURNS) {
    const sampleUs = ((at | 0) - words[w + (up ? Word.DOWN_EDGE_AT : Word.UP_EDGE_AT)]!) | 0;
    const silentUs = at - doubles[flow * RECORD_DOUBLES + (up ? Double.UP_LAST_AT : Double.DOWN_LAST_AT)]!;
    if (silentUs <= sampleUs * MAX_ERROR_SHARE) addRtt(flows, flow, !up, sampleUs);
  }
  words[w + (up ? Word.UP_EDGE_AT : Word.DOWN_EDGE_AT)] = at | 0;
  words[w + Word.SPIN] = flags | (Math.min(turns + 1, TRIAL_TURNS) << TURNS_SHIFT) | (breaks << BREAKS_SHIFT);
};
