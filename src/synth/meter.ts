/** What a planted TCP connection must be measured as, to the last column, from its segments and without its packets. */
import { MINUTE } from '../kit/time.ts';
import { IpProtocol, TcpFlag } from '../packet/layers.ts';
import type { MeasuredBurst, MeasuredFlow, MinuteShare } from '../tickets/measured-flow.ts';
import type { Direction, Path } from './frame.ts';
import type { Payload, Shown } from './payload.ts';
import { synSignature } from './syn-signature.ts';
import type { Segment } from './tcp-segments.ts';

const { FIN, SYN, RST } = TcpFlag;
const TCP_HEADER = 20;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const emptyMinute = (minuteAt: number): Writable<MinuteShare> => ({
  minuteAt,
  flows_opened: 0,
  syns: 0,
  synacks: 0,
  rsts: 0,
  fins: 0,
  up_packets: 0,
  down_packets: 0,
  up_bytes: 0,
  down_bytes: 0,
  server_rtt_us_sum: 0,
  server_rtt_us_n: 0,
});

/** The side of a connection that sends: the round trip behind its listener is timed by one segment after the other. */
class Timer {
  least = Number.NaN;
  sum = 0;
  samples = 0;
  /** Sequence number whose acknowledgement is waited for, and since when. */
  #end = -1;
  #at = 0;

  /** Times a segment, unless one is on its way. */
  sent(end: number, at: number): void {
    if (this.#end >= 0) return;
    this.#end = end;
    this.#at = at;
  }

  /** @returns the round trip that this tells; NaN if none */
  acknowledged(number: number, at: number): number {
    // Numbers wrap: what is behind is half a circle away at most.
    if (this.#end < 0 || ((number - this.#end) | 0) < 0) return Number.NaN;
    const rttUs = at - this.#at;
    this.#end = -1;
    this.samples++;
    this.sum += rttUs;
    if (!(this.least <= rttUs)) this.least = rttUs;
    return rttUs;
  }
}

/** Reads segments in which nothing goes wrong. */
export class Meter implements MeasuredFlow {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly client_port: number;
  readonly server_port: number;
  readonly protocol = IpProtocol.TCP;
  readonly ip_ttl: number;
  readonly vlan: number;
  started_at = Number.NaN;
  ended_at = Number.NaN;
  syn_signature = '';
  up_payload = 0;
  down_payload = 0;
  up_from = Number.NaN;
  up_until = Number.NaN;
  down_from = Number.NaN;
  down_until = Number.NaN;
  max_idle_us = 0;
  closing_idle_us = Number.NaN;
  server_rtt_us = Number.NaN;
  client_rtt_us = Number.NaN;
  up_syns = 0;
  down_syns = 0;
  up_fins = 0;
  down_fins = 0;
  up_rsts = 0;
  down_rsts = 0;
  named_at = Number.NaN;
  tls_sni = '';
  alpn: readonly string[] = [];
  ech_offered = Number.NaN;
  http_host = '';
  user_agent = '';
  greeting: Uint8Array | undefined;
  readonly minutes: Writable<MinuteShare>[] = [];
  readonly bursts: Writable<MeasuredBurst>[] = [];
  /** Of the paths behind the vantage: what the client sends times the server's. */
  readonly #toServer = new Timer();
  readonly #toClient = new Timer();
  readonly #burstIdleUs: number;
  readonly #header: number;
  readonly #path: Path;
  #isAccepted = false;

  constructor(path: Path, burstIdleUs: number) {
    const { client, server, clientTtl, vlan = Number.NaN } = path;
    this.#path = path;
    this.client = client.address;
    this.server = server.address;
    this.client_port = client.port;
    this.server_port = server.port;
    this.ip_ttl = clientTtl;
    this.vlan = vlan;
    this.#burstIdleUs = burstIdleUs;
    this.#header = (client.address.length === 16 ? 40 : 20) + TCP_HEADER;
  }

  get server_rtt_min_us(): number {
    return this.#toServer.least;
  }
  get server_rtt_us_sum(): number {
    return this.#toServer.sum;
  }
  get server_rtt_samples(): number {
    return this.#toServer.samples;
  }
  get client_rtt_min_us(): number {
    return this.#toClient.least;
  }
  get client_rtt_us_sum(): number {
    return this.#toClient.sum;
  }
  get client_rtt_samples(): number {
    return this.#toClient.samples;
  }

  read(segment: Segment): void {
    const { at, direction, flags, syn, count } = segment;
    if (Number.isNaN(this.started_at)) this.started_at = at;
    else this.max_idle_us = Math.max(this.max_idle_us, at - this.ended_at);
    this.ended_at = at;
    const minute = this.#minute(at);
    const bytes = this.#header + (syn?.options.length ?? 0) + count;
    const isUp = direction === 'up';
    if (isUp) {
      minute.up_packets++;
      minute.up_bytes += bytes;
    } else {
      minute.down_packets++;
      minute.down_bytes += bytes;
    }
    const timer = isUp ? this.#toServer : this.#toClient;
    const rttUs = isUp && flags === SYN ? Number.NaN : this.#acknowledge(segment);
    if ((flags & (SYN | FIN | RST)) !== 0) this.#control(segment, minute, rttUs);
    else if (isUp && this.#isAccepted) {
      this.#isAccepted = false;
      this.client_rtt_us = rttUs;
      minute.server_rtt_us_sum += this.server_rtt_us;
      minute.server_rtt_us_n++;
    }
    if ((flags & SYN) !== 0) timer.sent(segment.sequence + 1, at);
    if (count === 0) return;
    timer.sent(segment.sequence + count, at);
    this.#carry(segment);
  }

  #acknowledge({ at, direction, acknowledgment, flags }: Segment): number {
    if ((flags & RST) !== 0) return Number.NaN;
    return (direction === 'up' ? this.#toClient : this.#toServer).acknowledged(acknowledgment, at);
  }

  #minute(at: number): Writable<MinuteShare> {
    const last = this.minutes.at(-1);
    if (last !== undefined && at < last.minuteAt + MINUTE) return last;
    const minute = emptyMinute(Math.floor(at / MINUTE) * MINUTE);
    if (last === undefined) minute.flows_opened = 1;
    this.minutes.push(minute);
    return minute;
  }

  #control({ at, direction, flags, syn }: Segment, minute: Writable<MinuteShare>, rttUs: number): void {
    if ((flags & SYN) !== 0) {
      this[`${direction}_syns`]++;
      if (direction === 'up') {
        minute.syns++;
        this.syn_signature = synSignature(this.#path, syn!);
      } else {
        minute.synacks++;
        this.server_rtt_us = rttUs;
        this.#isAccepted = true;
      }
      return;
    }
    const lastAt = Math.max(...[this.up_until, this.down_until].filter((until) => !Number.isNaN(until)));
    if (Number.isNaN(this.closing_idle_us) && lastAt > 0) this.closing_idle_us = at - lastAt;
    if ((flags & FIN) !== 0) {
      this[`${direction}_fins`]++;
      minute.fins++;
    }
    if ((flags & RST) !== 0) {
      this[`${direction}_rsts`]++;
      minute.rsts++;
    }
  }

  #carry({ at, direction, offset, count, payload }: Segment): void {
    if (payload.shows !== undefined && offset + count === payload.length) this.#show(at, payload.shows);
    if (direction === 'up' && Number.isNaN(this.up_from) && payload.shows === undefined)
      this.#greet(at, payload, count);
    const from: `${Direction}_from` = `${direction}_from`;
    if (Number.isNaN(this[from])) this[from] = at;
    this[`${direction}_until`] = at;
    this[`${direction}_payload`] += count;
    let burst = this.bursts.at(-1);
    if (burst === undefined || at - burst.ended_at > this.#burstIdleUs) {
      burst = { started_at: at, ended_at: at, up_payload: 0, down_payload: 0, packets: 0 };
      this.bursts.push(burst);
    }
    burst.ended_at = at;
    burst[`${direction}_payload`] += count;
    burst.packets++;
  }

  #show(at: number, { sni = '', alpn = [], isEchOffered, host = '', userAgent = '' }: Shown): void {
    this.named_at = at;
    this.tls_sni = sni;
    this.alpn = alpn;
    if (isEchOffered !== undefined) this.ech_offered = isEchOffered ? 1 : 0;
    this.http_host = host;
    this.user_agent = userAgent;
  }

  #greet(at: number, payload: Payload, count: number): void {
    this.named_at = at;
    this.greeting = new Uint8Array(count);
    payload.fill(this.greeting, 0, 0, count);
  }
}
