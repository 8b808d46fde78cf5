/** A flow as somebody tells of it who measured its packets elsewhere: what the probe would have in its record at the end. */

/** What a flow did in one minute: a share of the counters. */
export interface MinuteShare {
  readonly minuteAt: number;
  readonly flows_opened: number;
  readonly syns: number;
  readonly synacks: number;
  readonly rsts: number;
  readonly fins: number;
  readonly up_packets: number;
  readonly down_packets: number;
  /** IP-layer bytes. */
  readonly up_bytes: number;
  readonly down_bytes: number;
  readonly server_rtt_us_sum: number;
  readonly server_rtt_us_n: number;
}

/** Payload without a silence. */
export interface MeasuredBurst {
  readonly started_at: number;
  readonly ended_at: number;
  /** Bytes, each once. */
  readonly up_payload: number;
  readonly down_payload: number;
  /** With payload. */
  readonly packets: number;
}

/** Numbers are NaN where nothing was measured; names and units are those of the table `flows`. */
export interface MeasuredFlow {
  /** 4 or 16 bytes, both alike. */
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly client_port: number;
  readonly server_port: number;
  /** IANA number. */
  readonly protocol: number;
  readonly started_at: number;
  readonly ended_at: number;
  readonly up_payload: number;
  readonly down_payload: number;
  /** First and last payload of a direction. */
  readonly up_from: number;
  readonly up_until: number;
  readonly down_from: number;
  readonly down_until: number;
  readonly max_idle_us: number;
  readonly closing_idle_us: number;
  readonly server_rtt_us: number;
  readonly server_rtt_min_us: number;
  readonly server_rtt_us_sum: number;
  readonly server_rtt_samples: number;
  readonly client_rtt_us: number;
  readonly client_rtt_min_us: number;
  readonly client_rtt_us_sum: number;
  readonly client_rtt_samples: number;
  readonly up_syns: number;
  readonly down_syns: number;
  readonly up_fins: number;
  readonly down_fins: number;
  readonly up_rsts: number;
  readonly down_rsts: number;
  readonly ip_ttl: number;
  readonly vlan: number;
  /** In the notation of p0f, '' if there is none. */
  readonly syn_signature: string;
  readonly tls_sni: string;
  readonly alpn: readonly string[];
  /** 0 or 1 with a ClientHello. */
  readonly ech_offered: number;
  readonly http_host: string;
  readonly user_agent: string;
  /** When these were shown. */
  readonly named_at: number;
  /** What the client sent first, if it shows no name. */
  readonly greeting: Uint8Array | undefined;
  /** In the order of time; their sums are the flow's packets and bytes. */
  readonly minutes: readonly MinuteShare[];
  readonly bursts: readonly MeasuredBurst[];
}
