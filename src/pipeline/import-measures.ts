/** Measured flows to tickets: what somebody else measured, and packets among it, goes through the same labellers as a capture. */
import { LinkType } from '../packet/frame-sink.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import { drain, type TicketSink } from './import-captures.ts';
import { importsRow } from './imports-row.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';
import { MeasuredFlows } from './measured-flows.ts';

/** Of the link type Ethernet; the bytes are read before the next packet is asked for. */
interface Packet {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly length: number;
}

export interface MeasureStream {
  /** In the order of time. */
  readonly events: Iterable<Packet | MeasuredFlow>;
  /** For `imports.name`. */
  readonly name: string;
}

export interface MeasureSummary {
  /** Flows that came measured, and packets beside them. */
  readonly flows: number;
  readonly packets: number;
  /** Of all tables. */
  readonly rows: number;
}

/** Events between two looks at what is to be handed on. */
const STRIDE = 4096;

/**
 * Imports measured flows. Every ticket, and at the end the row of `imports`, goes to `sink`.
 *
 * @param onProgress hears now and then how many flows there are
 */
export const importMeasures = async (
  { events, name }: MeasureStream,
  options: LabelOptions,
  sink: TicketSink,
  onProgress: (flows: number) => void = () => {},
): Promise<MeasureSummary> => {
  const tickets = new LabelledTickets(options);
  const measured = new MeasuredFlows(tickets);
  const { probe } = tickets;
  let flows = 0;
  let packets = 0;
  let firstAt: number | undefined;
  for (const event of events) {
    if ('bytes' in event) {
      const { at, bytes, length } = event;
      firstAt ??= at;
      packets++;
      measured.elapse(at);
      probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    } else {
      firstAt ??= event.started_at;
      flows++;
      measured.open(event);
    }
    if ((flows + packets) % STRIDE !== 0) continue;
    tickets.tidy();
    await drain(tickets, sink);
    onProgress(flows);
  }
  measured.finish();
  await drain(tickets, sink);
  const { rows } = tickets;
  const summary = { packets, bytesRead: Number.NaN, rows, firstAt, lastAt: probe.clock, dropped: 0, malformed: 0 };
  const about = { kind: 'planted', name, sha256: '' } as const;
  await sink.write(importsRow(tickets, about, { ...summary, reasons: {}, state: 'complete', results: [] }));
  return { flows, packets, rows };
};
