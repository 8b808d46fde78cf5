/** Flows that somebody else measured, among packets: labels, counters and tickets are made of them by the code that does it for packets. */
import { Heap } from '../kit/heap.ts';
import { MINUTE, SECOND } from '../kit/time.ts';
import { Double, envelope, FlowBit, RECORD_DOUBLES, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import type { EndReason } from '../probe/observer.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import type { LabelledTickets } from './labelled-tickets.ts';

/** As long as the probe waits for late packets of a closed connection. */
const CLOSED_IDLE_US = 5 * SECOND;

/** A flow on its way: what of it was told. */
interface Course {
  readonly measured: MeasuredFlow;
  /** Record of the flow table. */
  readonly flow: number;
  readonly overAt: number;
  isNamed: boolean;
  minutes: number;
  bursts: number;
}

const isClosed = ({ up_rsts, down_rsts, up_fins, down_fins }: MeasuredFlow): boolean =>
  up_rsts + down_rsts > 0 || (up_fins > 0 && down_fins > 0);

export class MeasuredFlows {
  readonly #tickets: LabelledTickets;
  readonly #courses = new Heap<Course>();
  /** When the last packet of any passed. */
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(tickets: LabelledTickets) {
    this.#tickets = tickets;
  }

  /** Opens a flow. Flows and packets are told in the order of time. */
  open(measured: MeasuredFlow): void {
    this.elapse(measured.started_at);
    const { probe } = this.#tickets;
    const flow = probe.enter(measured, measured.started_at);
    const { words } = probe.flows;
    const w = flow * RECORD_WORDS;
    words[w + Word.ENVELOPE] = envelope(0, Number.isNaN(measured.vlan) ? -1 : measured.vlan) | measured.ip_ttl;
    if (measured.syn_signature !== '') {
      const signature = probe.interner.code(measured.syn_signature);
      words[w + Word.SYN_SIGNATURE] = signature;
      this.#tickets.identified(flow, 'syn', signature);
    }
    this.#lastAt = Math.max(this.#lastAt, measured.ended_at);
    const overAt = measured.ended_at + this.#idleUs(measured) + 1;
    this.#schedule({ measured, flow, overAt, isNamed: Number.isNaN(measured.named_at), minutes: 0, bursts: 0 });
  }

  /** Time goes on: what is due by `at` is told. To be called before a packet of that time. */
  elapse(at: number): void {
    while (this.#courses.nextAt <= at) {
      this.#tickets.probe.elapse(this.#courses.nextAt);
      this.#go(this.#courses.take()!);
    }
    this.#tickets.probe.elapse(at);
  }

  /** The input is over. */
  finish(): void {
    this.elapse(this.#lastAt);
    for (let course = this.#courses.take(); course !== undefined; course = this.#courses.take()) {
      while (!this.#isTold(course)) this.#tell(course);
      this.#close(course, 'eof');
    }
    this.#tickets.finish();
  }

  #idleUs(measured: MeasuredFlow): number {
    const { tcpIdleUs, synIdleUs } = this.#tickets.options;
    if (isClosed(measured)) return CLOSED_IDLE_US;
    return measured.minutes.every(({ down_packets }) => down_packets === 0) ? synIdleUs : tcpIdleUs;
  }

  #schedule(course: Course): void {
    this.#courses.add(Math.min(course.overAt, this.#nextAt(course)), course);
  }

  /** When the next thing of the flow is to be told; Infinity if none is left. */
  #nextAt({ measured, isNamed, minutes, bursts }: Course): number {
    const namedAt = isNamed ? Number.POSITIVE_INFINITY : measured.named_at;
    const minute = measured.minutes[minutes];
    // A burst is known to be over when the next one begins, or the flow ends.
    const next = measured.bursts[bursts + 1];
    const turnsAt = minute === undefined ? Number.POSITIVE_INFINITY : minute.minuteAt + MINUTE;
    return Math.min(namedAt, turnsAt, next?.started_at ?? Number.POSITIVE_INFINITY);
  }

  #isTold(course: Course): boolean {
    return this.#nextAt(course) === Number.POSITIVE_INFINITY;
  }

  #go(course: Course): void {
    if (this.#nextAt(course) <= course.overAt) {
      this.#tell(course);
      this.#schedule(course);
      return;
    }
    while (!this.#isTold(course)) this.#tell(course);
    this.#close(course, 'idle');
  }

  /** Tells the next thing of a flow. */
  #tell(course: Course): void {
    const { measured, isNamed, minutes, bursts } = course;
    const at = this.#nextAt(course);
    if (!isNamed && measured.named_at === at) {
      course.isNamed = true;
      this.#name(course);
    } else if (measured.bursts[bursts + 1]?.started_at === at) this.#burst(course);
    else if (minutes < measured.minutes.length) this.#share(course);
  }

  #name({ measured, flow }: Course): void {
    const { probe } = this.#tickets;
    const { interner } = probe;
    const { words } = probe.flows;
    const w = flow * RECORD_WORDS;
    const { tls_sni, alpn, ech_offered, http_host, user_agent, greeting } = measured;
    words[w + Word.BITS]! |= FlowBit.SETTLED;
    if (ech_offered >= 0) {
      words[w + Word.BITS]! |= FlowBit.HELLO | (ech_offered === 1 ? FlowBit.ECH_OFFERED : 0);
      words[w + Word.ALPN] = interner.code(alpn.join(' '));
    }
    if (tls_sni !== '') {
      words[w + Word.SNI] = interner.code(tls_sni);
      this.#tickets.named(flow, 'sni');
    } else if (http_host !== '') {
      words[w + Word.HTTP_HOST] = interner.code(http_host);
      this.#tickets.named(flow, 'http');
    } else if (greeting !== undefined) this.#tickets.spoke(flow, greeting, 0, greeting.length);
    if (user_agent !== '') this.#tickets.identified(flow, 'user-agent', interner.code(user_agent));
  }

  #share(course: Course): void {
    const { measured, flow } = course;
    const { probe } = this.#tickets;
    const { words, doubles } = probe.flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    const share = measured.minutes[course.minutes++]!;
    if (share.server_rtt_us_n > 0) {
      words[w + Word.SERVER_RTT] = measured.server_rtt_us;
      words[w + Word.BITS]! |= FlowBit.RTT_THIS_MINUTE;
    }
    words[w + Word.MINUTE_UP_PACKETS] = share.up_packets;
    words[w + Word.MINUTE_DOWN_PACKETS] = share.down_packets;
    words[w + Word.MINUTE_OPENINGS] = share.syns | (share.synacks << 16);
    words[w + Word.MINUTE_CLOSINGS] = share.fins | (share.rsts << 16);
    doubles[d + Double.MINUTE_UP_BYTES] = share.up_bytes;
    doubles[d + Double.MINUTE_DOWN_BYTES] = share.down_bytes;
    probe.share(flow, share.minuteAt);
  }

  #burst(course: Course): void {
    const { measured, flow } = course;
    const { words, doubles } = this.#tickets.probe.flows;
    const d = flow * RECORD_DOUBLES;
    const burst = measured.bursts[course.bursts++]!;
    doubles[d + Double.BURST_AT] = burst.started_at;
    doubles[d + Double.UP_LAST_AT] = burst.ended_at;
    doubles[d + Double.BURST_UP] = burst.up_payload;
    doubles[d + Double.BURST_DOWN] = burst.down_payload;
    words[flow * RECORD_WORDS + Word.BURST_PACKETS] = burst.packets;
    this.#tickets.bursted(flow);
    words[flow * RECORD_WORDS + Word.BURST_PACKETS] = 0;
  }

  #close(course: Course, reason: EndReason): void {
    const { measured, flow } = course;
    const { probe } = this.#tickets;
    if (course.bursts < measured.bursts.length) this.#burst(course);
    const { words, doubles } = probe.flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    const since = (at: number): number => (Number.isNaN(at) ? -1 : at - measured.started_at);
    if (isClosed(measured)) words[w + Word.BITS]! |= FlowBit.CLOSED;
    words[w + Word.UP_FIRST] = since(measured.up_from);
    words[w + Word.DOWN_FIRST] = since(measured.down_from);
    words[w + Word.UP_SYNS] = measured.up_syns;
    words[w + Word.DOWN_SYNS] = measured.down_syns;
    words[w + Word.UP_FINS] = measured.up_fins;
    words[w + Word.DOWN_FINS] = measured.down_fins;
    words[w + Word.UP_RSTS] = measured.up_rsts;
    words[w + Word.DOWN_RSTS] = measured.down_rsts;
    words[w + Word.SERVER_RTT] = Number.isNaN(measured.server_rtt_us) ? -1 : measured.server_rtt_us;
    words[w + Word.CLIENT_RTT] = Number.isNaN(measured.client_rtt_us) ? -1 : measured.client_rtt_us;
    words[w + Word.SERVER_RTT_MIN] = measured.server_rtt_min_us;
    words[w + Word.CLIENT_RTT_MIN] = measured.client_rtt_min_us;
    words[w + Word.SERVER_RTT_SAMPLES] = measured.server_rtt_samples;
    words[w + Word.CLIENT_RTT_SAMPLES] = measured.client_rtt_samples;
    doubles[d + Double.SERVER_RTT_SUM] = measured.server_rtt_us_sum;
    doubles[d + Double.CLIENT_RTT_SUM] = measured.client_rtt_us_sum;
    doubles[d + Double.ENDED_AT] = measured.ended_at;
    doubles[d + Double.MAX_IDLE] = measured.max_idle_us;
    doubles[d + Double.CLOSING_IDLE] = measured.closing_idle_us;
    doubles[d + Double.UP_PAYLOAD] = measured.up_payload;
    doubles[d + Double.DOWN_PAYLOAD] = measured.down_payload;
    doubles[d + Double.UP_LAST_AT] = Number.isNaN(measured.up_until) ? 0 : measured.up_until;
    doubles[d + Double.DOWN_LAST_AT] = Number.isNaN(measured.down_until) ? 0 : measured.down_until;
    probe.leave(flow, reason);
  }
}
