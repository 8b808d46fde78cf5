/** A probe that is driven by hand and writes down what it tells: flows and DNS transactions as rows, minutes, names, answers. */
import { Interner } from '../src/kit/interner.ts';
import { parseAddress } from '../src/packet/address.ts';
import { AddressTable } from '../src/packet/address-table.ts';
import { LinkType } from '../src/packet/frame-sink.ts';
import { FlowBit, RECORD_WORDS, Word } from '../src/probe/flow-record.ts';
import type { EndReason, ProbeObserver } from '../src/probe/observer.ts';
import { Probe, type ProbeOptions } from '../src/probe/probe.ts';
import { lowHalf } from '../src/probe/tcp-control.ts';
import { writeExchange } from '../src/probe/write-exchange.ts';
import { writeBurst, writeFlow } from '../src/probe/write-flow.ts';
import { writeSession } from '../src/probe/write-session.ts';
import { type Frame, FrameBuilder, type Path } from '../src/synth/frame.ts';
import { Batch, sealBatch } from '../src/tickets/batch.ts';
import { bursts, dns, flows, http, sessions } from '../src/tickets/index.ts';
import { type Row, rowsOf } from './batch-rows.ts';
import { probeOptions } from './probe-options.ts';

export type ProbeRow = Row;

/** The one row of a batch. */
const rowOf = (batch: Batch): ProbeRow => rowsOf(sealBatch(batch))[0]!;

/** A flow's share of a minute. */
interface Lived {
  readonly minuteAt: number;
  readonly client: string;
  readonly packets: number;
  readonly opened: boolean;
  readonly syns: number;
  readonly rttUs: number | null;
}

interface Answered {
  readonly client: string;
  readonly server: string;
  readonly name: string;
  readonly at: number;
  readonly ttlS: number;
}

export class RecordingProbe implements ProbeObserver {
  readonly interner = new Interner();
  readonly addresses = new AddressTable();
  readonly probe: Probe;
  /** Tickets in the order in which they were told; `reported_at` is filled. */
  readonly flows: ProbeRow[] = [];
  readonly dns: ProbeRow[] = [];
  readonly http: ProbeRow[] = [];
  readonly sessions: ProbeRow[] = [];
  readonly bursts: ProbeRow[] = [];
  readonly lives: Lived[] = [];
  readonly answers: Answered[] = [];
  /** Names that flows showed, as `sni e1.whatsapp.net`. */
  readonly names: string[] = [];
  /** First payloads of clients that showed no name. */
  readonly payloads: string[] = [];
  /** What flows told of their client's system, as `syn 4:64:...`. */
  readonly identities: string[] = [];
  /** Packet times at which minutes were told of. */
  readonly minutes: number[] = [];
  opens = 0;

  constructor(options: Partial<ProbeOptions> = {}) {
    this.probe = new Probe(
      {
        ...probeOptions,
        flowIdKey: new Uint8Array(8).fill(7),
        ...options,
      },
      this.interner,
      this.addresses,
      this,
    );
  }

  /** Feeds frames, each as if it stood alone in its buffer. */
  play(...frames: readonly Frame[]): this {
    for (const { at, bytes, length } of frames) {
      this.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    }
    return this;
  }

  finish(): this {
    this.probe.finish();
    return this;
  }

  opened(): void {
    this.opens++;
  }

  named(_flow: number, kind: 'sni' | 'http', name: number): void {
    this.names.push(`${kind} ${this.interner.text(name)}`);
  }

  identified(_flow: number, kind: 'syn' | 'user-agent', text: number): void {
    this.identities.push(`${kind} ${this.interner.text(text)}`);
  }

  spoke(_flow: number, bytes: Uint8Array, start: number, end: number): void {
    this.payloads.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
  }

  answered(client: number, server: number, name: number, at: number, ttlS: number): void {
    const text = (id: number): string => this.addresses.text(id);
    this.answers.push({ client: text(client), server: text(server), name: this.interner.text(name), at, ttlS });
  }

  transacted(): void {
    const batch = new Batch(dns, this.interner, 1);
    this.probe.dns.write(batch, batch.begin());
    batch.columns.reported_at[0] = this.probe.clock;
    batch.end();
    this.dns.push(rowOf(batch as unknown as Batch));
  }

  lived(flow: number, minuteAt: number): void {
    const { words } = this.probe.flows;
    const w = flow * RECORD_WORDS;
    const bits = words[w + Word.BITS]!;
    this.lives.push({
      minuteAt,
      client: this.addresses.text(this.probe.flows.clientId(flow)),
      packets: words[w + Word.MINUTE_UP_PACKETS]! + words[w + Word.MINUTE_DOWN_PACKETS]!,
      opened: (bits & FlowBit.OPENED_THIS_MINUTE) !== 0,
      syns: lowHalf(words[w + Word.MINUTE_OPENINGS]!),
      rttUs: (bits & FlowBit.RTT_THIS_MINUTE) !== 0 ? words[w + Word.SERVER_RTT]! : null,
    });
  }

  exchanged(): void {
    const batch = new Batch(http, this.interner, 1);
    writeExchange(this.probe, batch, batch.begin());
    batch.columns.reported_at[0] = this.probe.clock;
    batch.end();
    this.http.push(rowOf(batch as unknown as Batch));
  }

  bursted(flow: number): void {
    const batch = new Batch(bursts, this.interner, 1);
    writeBurst(this.probe, flow, batch, batch.begin());
    batch.columns.reported_at[0] = this.probe.clock;
    batch.end();
    this.bursts.push(rowOf(batch as unknown as Batch));
  }

  sessionEnded(): void {
    const batch = new Batch(sessions, this.interner, 1);
    writeSession(this.probe.sessions.ended!, this.addresses, this.probe.sessions.nodes, batch, batch.begin());
    batch.columns.reported_at[0] = this.probe.clock;
    batch.end();
    this.sessions.push(rowOf(batch as unknown as Batch));
  }

  minute(at: number): void {
    this.minutes.push(at);
  }

  closed(flow: number, reason: EndReason): void {
    const batch = new Batch(flows, this.interner, 1);
    writeFlow(this.probe, flow, reason, batch, batch.begin());
    batch.columns.reported_at[0] = this.probe.clock;
    batch.end();
    this.flows.push(rowOf(batch as unknown as Batch));
  }
}

/** One end of a path: an address and a port. */
export const end = (address: string, port: number): Path['client'] => ({ address: parseAddress(address)!, port });

/** Builds the packets between two ends. */
export const between = (client: Path['client'], server: Path['client'], more: Partial<Path> = {}): FrameBuilder =>
  new FrameBuilder({ client, server, clientTtl: 63, serverTtl: 52, ...more });
