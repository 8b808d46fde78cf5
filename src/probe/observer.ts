/** What the probe tells while packets pass: how labellers learn of flows without knowing the probe. */

export type EndReason = 'fin' | 'rst' | 'idle' | 'active' | 'evicted' | 'eof';

/** Flows are record numbers of the flow table, addresses ids of the address table, names codes of the interner. */
export interface ProbeObserver {
  /** The first packet of a flow: the moment to look up what its client asked for. */
  opened(flow: number): void;
  /** The flow itself showed a name: the server name of a ClientHello, or the host of an HTTP request. */
  named(flow: number, kind: 'sni' | 'http', name: number): void;
  /** The flow betrayed its client's system: the fingerprint of its SYN, or the User-Agent of its first HTTP request. */
  identified(flow: number, kind: 'syn' | 'user-agent', text: number): void;
  /** The first payload of a flow's client, [start, end) of `bytes`, that is no TLS hello, HTTP, QUIC or DNS. */
  spoke(flow: number, bytes: Uint8Array, start: number, end: number): void;
  /** A DNS answer to `client` said that `name` is at `server`. `at`: microseconds. */
  answered(client: number, server: number, name: number, at: number, ttlS: number): void;
  /** A DNS transaction ended; `probe.dns` holds it until the next one. */
  transacted(): void;
  /** An HTTP request has its response, or either will not have the other; `probe.http` holds it until the next one. */
  exchanged(): void;
  /** A burst of payload is over: the flow's `BURST_` fields, and the time of its last payload. */
  bursted(flow: number): void;
  /** A mobile session ended, or changed; `probe.sessions.ended` tells of it until this returns. */
  sessionEnded(): void;
  /** A flow had packets in the minute that began at `minuteAt`: its `MINUTE_` fields, told once a minute and flow. */
  lived(flow: number, minuteAt: number): void;
  /** A minute is over and told of; packet time is now `at`. */
  minute(at: number): void;
  /** The flow is over; its record may be read until this returns. */
  closed(flow: number, reason: EndReason): void;
}
