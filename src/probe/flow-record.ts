/** The layout of a flow's record: 80 words of one buffer, seen as Int32 and as Float64, in five lines of a processor's cache. */

export const RECORD_WORDS = 80;
export const RECORD_DOUBLES = RECORD_WORDS / 2;

/**
 * Int32 fields, by word. Line 0 (words 0 to 15, doubles 0 to 7) is what every packet touches, line 1 what every payload
 * does. Where two directions have a field each, `DOWN_X` follows `UP_X`.
 */
export const Word = {
  /** Address of the client: the IPv4 word, or the id of the IPv6 address. */
  CLIENT: 0,
  SERVER: 1,
  /** Client port in the high half, server port in the low. */
  PORTS: 2,
  /** `FlowBit`s, and the IANA protocol number in the highest 8 bits. */
  BITS: 3,
  /** Packets of the minute that runs. */
  MINUTE_UP_PACKETS: 4,
  MINUTE_DOWN_PACKETS: 5,
  /** TCP: sequence number expected next, the highest end seen; valid with `FlowBit.UP_SEEN`. */
  UP_NEXT: 6,
  DOWN_NEXT: 7,
  /** QUIC: what is known of the spin bit. */
  SPIN: 6,

  /** TCP: end of the segment whose acknowledgement is waited for, with `FlowBit.UP_TIMED`, and the low word of its time. */
  UP_TIMED_END: 16,
  DOWN_TIMED_END: 17,
  UP_TIMED_AT: 18,
  DOWN_TIMED_AT: 19,
  /** QUIC: the low words of the times at which the spin bit turned. */
  UP_EDGE_AT: 18,
  DOWN_EDGE_AT: 19,
  /** Packets with payload of the burst that runs. */
  BURST_PACKETS: 20,
  /** TCP: record of what befalls few connections, an id of `TcpTroubles`; 0 for none. */
  TROUBLES: 21,
  /** First payload: microseconds after the start as an unsigned word, `NO_PAYLOAD` before it. */
  UP_FIRST: 22,
  DOWN_FIRST: 23,

  /** RTT of the handshake, microseconds, -1 if it was not measured. */
  SERVER_RTT: 40,
  CLIENT_RTT: 41,
  /** RTT over all samples; the least is valid if there are any. */
  SERVER_RTT_MIN: 42,
  CLIENT_RTT_MIN: 43,
  SERVER_RTT_SAMPLES: 44,
  CLIENT_RTT_SAMPLES: 45,
  /**
   * Sequence numbers of the SYNs, the client's from what the SYN/ACK acknowledges if it was not seen: where the streams
   * begin; a repeated SYN has the same, a new connection another.
   */
  CLIENT_ISN: 46,
  SERVER_ISN: 47,

  /** The expiry wheel's list: the next flow, -1 at the end; the one before, or -1 - the slot of the wheel. */
  WHEEL_NEXT: 62,
  WHEEL_PREVIOUS: 63,

  UP_SYNS: 64,
  DOWN_SYNS: 65,
  UP_FINS: 66,
  DOWN_FINS: 67,
  UP_RSTS: 68,
  DOWN_RSTS: 69,
  /** Segments of the minute that runs, two counts of 16 bits: SYN and SYN/ACK, FIN and RST; the second in the high half. */
  MINUTE_OPENINGS: 70,
  MINUTE_CLOSINGS: 71,
  /** Second half of the flow id. */
  ID_HASH: 72,
  /** See `envelope`. */
  ENVELOPE: 73,
  /** Interner codes: server name of the ClientHello, its protocols joined by spaces, host of the HTTP request. */
  SNI: 74,
  ALPN: 75,
  HTTP_HOST: 76,
  /** Interner code of the SYN's fingerprint (TCP), or of the QUIC version (UDP). */
  SYN_SIGNATURE: 77,
  QUIC_VERSION: 77,
  /** Record of the mobile side, a number of `MobileFlows`; 0 for none. */
  MOBILE: 78,
} as const;

/** Float64 fields, by double. */
export const Double = {
  ENDED_AT: 4,
  /** IP bytes of the minute that runs. */
  MINUTE_UP_BYTES: 5,
  MINUTE_DOWN_BYTES: 6,
  /** Longest silence, microseconds. */
  MAX_IDLE: 7,

  /** Payload bytes, each once, of the burst that runs. */
  BURST_UP: 12,
  BURST_DOWN: 13,
  /** Time of the last payload that counts for the transfer; 0 before the first. */
  UP_LAST_AT: 14,
  DOWN_LAST_AT: 15,

  /** Start of the burst that runs; valid if it has packets. */
  BURST_AT: 16,
  SERVER_RTT_SUM: 17,
  CLIENT_RTT_SUM: 18,
  /** From the last payload to the first FIN or RST; NaN before that. */
  CLOSING_IDLE: 19,

  /** Packets and bytes of the minutes before, payload bytes of the bursts before. */
  UP_PACKETS: 24,
  DOWN_PACKETS: 25,
  UP_BYTES: 26,
  DOWN_BYTES: 27,
  UP_PAYLOAD: 28,
  DOWN_PAYLOAD: 29,
  STARTED_AT: 30,
} as const;

/** Of `Word.BITS`; those from 1 << 24 on are the protocol. */
export const FlowBit = {
  V6: 1,
  /** On the list of flows with packets in the minute that runs. */
  ACTIVE: 1 << 1,
  /** Nothing more is expected of the first payload from the client. */
  SETTLED: 1 << 2,
  SNAPLEN_CUT: 1 << 3,
  /** The server answered the SYN and the client has not acknowledged that yet. */
  AWAITING_ACK: 1 << 4,
  /** FIN both ways or RST: only late packets are waited for. */
  CLOSED: 1 << 5,
  /** TCP on the port of DNS, as long as its messages can be followed. */
  DNS_STREAM: 1 << 6,
  OPENED_THIS_MINUTE: 1 << 7,
  /** A ClientHello was read; and what it offered. */
  HELLO: 1 << 8,
  ECH_OFFERED: 1 << 9,
  CLIENT_SPOKE: 1 << 10,
  /** The client asked a proxy to CONNECT. */
  PROXIED: 1 << 11,
  /** The sequence numbers of the direction are known. */
  UP_SEEN: 1 << 12,
  DOWN_SEEN: 1 << 13,
  /** A segment of the direction waits for its acknowledgement. */
  UP_TIMED: 1 << 14,
  DOWN_TIMED: 1 << 15,
  /** The handshake, with a known RTT to the server, completed in the minute that runs. */
  RTT_THIS_MINUTE: 1 << 16,
  /** The connection carries HTTP/1, and its messages are followed. */
  HTTP: 1 << 17,
  /** QUIC whose short headers have a spin bit. */
  QUIC: 1 << 18,
  /** The packets come in a GTP tunnel, and one direction has not shown its TEID yet. */
  AWAITING_TEID: 1 << 19,
  /** They are of a session that was not known when the flow began. */
  SESSION_UNKNOWN: 1 << 20,
} as const;

const PROTOCOL_SHIFT = 24;

/** What of `Word.BITS` belongs to the flow's key. */
export const KEY_BITS = (0xff << PROTOCOL_SHIFT) | FlowBit.V6;

/** The part of `Word.BITS` that belongs to the key. `v6Bit`: 0 or 1. */
export const keyBits = (protocol: number, v6Bit: number): number => (protocol << PROTOCOL_SHIFT) | v6Bit;

/** IANA protocol number, from `Word.BITS`. */
export const protocolOf = (bits: number): number => bits >>> PROTOCOL_SHIFT;

export const NO_PAYLOAD = -1;

/** VLAN ids have 12 bits, and this one is reserved (IEEE 802.1Q). */
const NO_VLAN = 0xfff;

/**
 * What lay around the first packet, in one word: 12 bits of tunnels as `Layers.tunnel` has them, 12 bits of VLAN id, and
 * 8 of the hop limit of the client's first packet, 0 before that, for no packet with that limit is forwarded.
 *
 * @param vlan -1 without a tag
 */
export const envelope = (tunnel: number, vlan: number): number => (tunnel << 20) | ((vlan & NO_VLAN) << 8);

export const ttlOf = (word: number): number => word & 0xff;
export const tunnelOf = (word: number): number => word >>> 20;
/** -1 without a tag. */
export const vlanOf = (word: number): number => {
  const vlan = (word >>> 8) & NO_VLAN;
  return vlan === NO_VLAN ? -1 : vlan;
};
