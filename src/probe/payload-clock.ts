/** When payload passed: the transfer time of a flow, which is the clock of its user's experience, and the bursts in it. */
import { SECOND } from '../kit/time.ts';
import { IpProtocol, type Layers } from '../packet/layers.ts';
import { isTlsAlert } from '../packet/tls-alert.ts';
import { Double, NO_PAYLOAD, protocolOf, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/** An alert after a longer silence is no part of the transfer. */
const TRANSFER_IDLE_US = 5 * SECOND;
/** The first payload is not held if it comes later than an unsigned word of microseconds tells, 71 minutes. */
const MAX_FIRST_US = 0xffff_fffe;

export class PayloadClock {
  readonly #flows: FlowTable;
  readonly #burstIdleUs: number;
  readonly #onBurst: (flow: number) => void;

  /** @param onBurst told of a burst before its fields are used for the next */
  constructor(flows: FlowTable, burstIdleUs: number, onBurst: (flow: number) => void) {
    this.#flows = flows;
    this.#burstIdleUs = burstIdleUs;
    this.#onBurst = onBurst;
  }

  /** A packet with payload, `newBytes` of it not seen before; keep-alives are none. Part of the fast path. */
  note(flow: number, layers: Layers, bytes: Uint8Array, up: boolean, newBytes: number, at: number): void {
    const { words, doubles } = this.#flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    const lastOfSide = d + (up ? Double.UP_LAST_AT : Double.DOWN_LAST_AT);
    if (words[w + Word.BURST_PACKETS] === 0) doubles[d + Double.BURST_AT] = at;
    else if (at - lastPayloadAt(doubles, d) > this.#burstIdleUs) {
      const isAlert =
        protocolOf(words[w + Word.BITS]!) === IpProtocol.TCP &&
        isTlsAlert(bytes, layers.payloadStart, layers.payloadEnd, layers.payloadBytes);
      if (!isAlert) this.#begin(flow, at);
      else if (at - doubles[lastOfSide]! > TRANSFER_IDLE_US) {
        doubles[d + (up ? Double.BURST_UP : Double.BURST_DOWN)]! += newBytes;
        return;
      }
    }
    if (up) doubles[d + Double.BURST_UP]! += newBytes;
    else doubles[d + Double.BURST_DOWN]! += newBytes;
    words[w + Word.BURST_PACKETS]!++;
    if (at > doubles[lastOfSide]!) doubles[lastOfSide] = at;
    const first = w + (up ? Word.UP_FIRST : Word.DOWN_FIRST);
    if (words[first] === NO_PAYLOAD) {
      words[first] = Math.max(0, Math.min(at - doubles[d + Double.STARTED_AT]!, MAX_FIRST_US));
    }
  }

  #begin(flow: number, at: number): void {
    this.end(flow);
    this.#flows.doubles[flow * RECORD_DOUBLES + Double.BURST_AT] = at;
  }

  /** Ends the burst that runs, if one does, and adds its payload to the flow's. */
  end(flow: number): void {
    const { words, doubles } = this.#flows;
    const d = flow * RECORD_DOUBLES;
    if (words[flow * RECORD_WORDS + Word.BURST_PACKETS] === 0) return;
    this.#onBurst(flow);
    doubles[d + Double.UP_PAYLOAD]! += doubles[d + Double.BURST_UP]!;
    doubles[d + Double.DOWN_PAYLOAD]! += doubles[d + Double.BURST_DOWN]!;
    doubles[d + Double.BURST_UP] = 0;
    doubles[d + Double.BURST_DOWN] = 0;
    words[flow * RECORD_WORDS + Word.BURST_PACKETS] = 0;
  }
}

/** Time of the last payload that counts for the transfer, either way; 0 if there was none. */
export const lastPayloadAt = (doubles: Float64Array, d: number): number =>
  Math.max(doubles[d + Double.UP_LAST_AT]!, doubles[d + Double.DOWN_LAST_AT]!);

/**
 * From first to last payload of a direction, microseconds; NaN if it had none, or the first came too late to be held. A
 * clock that runs backwards gives no less than 0.
 */
const transferOf = (first: number, startedAt: number, lastAt: number): number =>
  first === NO_PAYLOAD || first >>> 0 === MAX_FIRST_US ? Number.NaN : Math.max(0, lastAt - startedAt - (first >>> 0));

/** The transfer times of a flow, microseconds: both directions, up, down. */
export const transferTimes = (flows: FlowTable, flow: number): readonly [both: number, up: number, down: number] => {
  const { words, doubles } = flows;
  const w = flow * RECORD_WORDS;
  const d = flow * RECORD_DOUBLES;
  const startedAt = doubles[d + Double.STARTED_AT]!;
  const up = words[w + Word.UP_FIRST]!;
  const down = words[w + Word.DOWN_FIRST]!;
  const earlier = up >>> 0 < down >>> 0 ? up : down;
  return [
    transferOf(earlier, startedAt, lastPayloadAt(doubles, d)),
    transferOf(up, startedAt, doubles[d + Double.UP_LAST_AT]!),
    transferOf(down, startedAt, doubles[d + Double.DOWN_LAST_AT]!),
  ];
};
