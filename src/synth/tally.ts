/** What a planted flow must be measured as, counted while its packets are made; named as the columns of the table `flows`. */
import { formatAddress } from '../packet/address.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame, Path } from './frame.ts';
import type { Opening } from './play.ts';
import type { Segment } from './tcp-segments.ts';

const { SYN, FIN, RST } = TcpFlag;
const TCP_HEADER = 20;

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
  readonly #ipHeader: number;
  #payloadFrom: number | undefined;
  #payloadUntil: number | undefined;

  constructor(path: Path, protocol: 'tcp' | 'udp') {
    this.#ipStart = path.vlan === undefined ? 14 : 18;
    this.#ipHeader = path.client.address.length === 16 ? 40 : 20;
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

  /** Counts a packet that carries `payload` bytes not sent before. `bytes`: those of the IP layer. */
  add(at: number, direction: Direction, bytes: number, payload: number): void {
    const { tally } = this;
    if (tally.up_packets + tally.down_packets === 0) tally.started_at = at;
    else tally.max_idle_us = Math.max(tally.max_idle_us, at - tally.ended_at);
    tally.ended_at = at;
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
      this.#payloadFrom ??= at;
      this.#payloadUntil = at;
      tally.transfer_us = at - this.#payloadFrom;
    }
  }

  /** Counts a datagram and hands it on. `payload`: its bytes behind the header of UDP. */
  datagram(frame: Frame, direction: Direction, payload: number): Frame {
    this.add(frame.at, direction, frame.length - this.#ipStart, payload);
    return frame;
  }

  /** Counts a segment. */
  segment({ at, direction, flags, syn, count, fault }: Segment): void {
    const { tally } = this;
    const isNew = fault !== 'retransmits';
    const startedAt = tally.started_at;
    const synAckAt = tally.server_rtt_us === null ? Number.NaN : startedAt + tally.server_rtt_us;
    const header = this.#ipHeader + TCP_HEADER + (syn?.options.length ?? 0);
    this.add(at, direction, header + count, isNew ? count : 0);
    if (fault !== undefined) tally[`${direction}_${fault}`]!++;
    const control = flags & (SYN | FIN | RST);
    if (control === 0) {
      if (tally.client_rtt_us !== null || Number.isNaN(synAckAt)) return;
      tally.client_rtt_us = at - synAckAt;
      tally.conn_state = 'S1';
      return;
    }
    if (control === SYN) tally[`${direction}_syns`]!++;
    if (control === SYN && direction === 'up') tally.conn_state = 'S0';
    if (control === SYN && direction === 'down') tally.server_rtt_us = at - startedAt;
    if (control === SYN || tally.end_reason !== 'open') return;
    tally.closing_idle_us = this.#payloadUntil === undefined ? null : at - this.#payloadUntil;
    tally.end_reason = control === RST ? 'rst' : 'fin';
    if (control === FIN) tally.conn_state = 'SF';
    else if (tally.down_syns === 0) tally.conn_state = 'REJ';
    else tally.conn_state = direction === 'up' ? 'RSTO' : 'RSTR';
  }
}
