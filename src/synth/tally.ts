/** What a planted flow must be measured as, counted while its packets are made; named as the columns of the table `flows`. */
import { formatAddress } from '../packet/address.ts';
import type { Direction, Frame, Path } from './frame.ts';
import type { Opening } from './play.ts';

export interface Tally {
  readonly client_ip: string;
  readonly client_port: number;
  readonly server_ip: string;
  readonly server_port: number;
  readonly protocol: 'tcp' | 'udp';
  started_at: number;
  ended_at: number;
  up_packets: number;
  down_packets: number;
  up_bytes: number;
  down_bytes: number;
  up_payload: number;
  down_payload: number;
  up_syns: number | null;
  down_syns: number | null;
  up_retransmits: number | null;
  down_retransmits: number | null;
  up_reordered: number | null;
  down_reordered: number | null;
  max_idle_us: number;
  /** Microseconds from the first payload byte to the last; null without payload. */
  transfer_us: number | null;
  closing_idle_us: number | null;
  server_rtt_us: number | null;
  client_rtt_us: number | null;
  /** Zeek's word. */
  conn_state: string;
  /** 'open' if nothing but time ends the flow: then 'idle', or 'eof' where the capture ends before. */
  end_reason: 'fin' | 'rst' | 'open';
}

/** A flow to be played; its tally is whole once its frames were. */
export interface PlantedFlow extends Opening {
  readonly tally: Tally;
}

/** Counts the packets of one flow. */
export class Counter {
  readonly tally: Tally;
  readonly #ipStart: number;
  #payloadFrom: number | undefined;

  constructor(path: Path, protocol: 'tcp' | 'udp') {
    this.#ipStart = path.vlan === undefined ? 14 : 18;
    const none = protocol === 'tcp' ? 0 : null;
    this.tally = {
      client_ip: formatAddress(path.client.address),
      client_port: path.client.port,
      server_ip: formatAddress(path.server.address),
      server_port: path.server.port,
      protocol,
      started_at: Number.NaN,
      ended_at: Number.NaN,
      up_packets: 0,
      down_packets: 0,
      up_bytes: 0,
      down_bytes: 0,
      up_payload: 0,
      down_payload: 0,
      up_syns: none,
      down_syns: none,
      up_retransmits: none,
      down_retransmits: none,
      up_reordered: none,
      down_reordered: none,
      max_idle_us: 0,
      transfer_us: null,
      closing_idle_us: null,
      server_rtt_us: null,
      client_rtt_us: null,
      conn_state: '',
      end_reason: 'open',
    };
  }

  /** Counts a frame that carries `payload` bytes not sent before, and hands it on. */
  add(frame: Frame, direction: Direction, payload: number): Frame {
    const { tally } = this;
    if (tally.up_packets + tally.down_packets === 0) tally.started_at = frame.at;
    else tally.max_idle_us = Math.max(tally.max_idle_us, frame.at - tally.ended_at);
    tally.ended_at = frame.at;
    const bytes = frame.length - this.#ipStart;
    if (direction === 'up') {
      tally.up_packets++;
      tally.up_bytes += bytes;
      tally.up_payload += payload;
    } else {
      tally.down_packets++;
      tally.down_bytes += bytes;
      tally.down_payload += payload;
    }
    if (payload > 0) {
      this.#payloadFrom ??= frame.at;
      tally.transfer_us = frame.at - this.#payloadFrom;
    }
    return frame;
  }

  /** Counts what befell a segment of TCP. */
  countFault(direction: Direction, fault: 'retransmits' | 'reordered'): void {
    this.tally[`${direction}_${fault}`]!++;
  }
}
