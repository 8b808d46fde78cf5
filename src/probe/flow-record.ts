/** The layout of a flow's record: 64 words of one buffer, seen as Int32 and as Float64, in four lines of a processor's cache. */

export const RECORD_WORDS = 64;
export const RECORD_DOUBLES = RECORD_WORDS / 2;

/** Int32 fields, by word. What each packet touches is in the first line: words 0 to 15, doubles 0 to 7. */
export const Word = {
  /** Address of the client: the IPv4 word, or the id of the IPv6 address. */
  CLIENT: 0,
  SERVER: 1,
  /** Client port in the high half, server port in the low. */
  PORTS: 2,
  PROTOCOL: 3,
  /** `FlowBit`s. */
  BITS: 4,
  HASH: 5,
  /** Packets of the minute that runs. */
  MINUTE_UP_PACKETS: 6,
  MINUTE_DOWN_PACKETS: 7,
  /** Ids in the address table, whatever the family. */
  CLIENT_ID: 14,
  SERVER_ID: 15,

  /** Segments of the minute that runs. */
  MINUTE_SYNS: 16,
  MINUTE_SYNACKS: 17,
  MINUTE_FINS: 18,
  MINUTE_RSTS: 19,

  UP_SYNS: 32,
  DOWN_SYNS: 33,
  UP_FINS: 34,
  DOWN_FINS: 35,
  UP_RSTS: 36,
  DOWN_RSTS: 37,
  /**
   * Sequence numbers of the SYNs, the client's from what the SYN/ACK acknowledges if it was not seen: where the streams
   * begin; a repeated SYN has the same, a new connection another.
   */
  CLIENT_ISN: 38,
  SERVER_ISN: 39,

  /** The expiry wheel's list: flow ids, -1 at the ends; and the slot of the wheel. */
  WHEEL_NEXT: 48,
  WHEEL_PREVIOUS: 49,
  WHEEL_SLOT: 50,
  /** Second half of the flow id. */
  ID_HASH: 51,
  VLAN: 52,
  /** Hop limit of the first packet from the client; 0 before that, for no packet with that limit is forwarded. */
  TTL: 53,
  /** Interner codes: server name of the ClientHello, its protocols joined by spaces, host of the HTTP request. */
  SNI: 54,
  ALPN: 55,
  HTTP_HOST: 56,
  /** Index into `tunnelNames`. */
  TUNNEL: 57,
} as const;

/** Float64 fields, by double. */
export const Double = {
  ENDED_AT: 4,
  /** IP bytes of the minute that runs. */
  MINUTE_UP_BYTES: 5,
  MINUTE_DOWN_BYTES: 6,

  /** Packets and bytes of the minutes before. */
  UP_PACKETS: 10,
  DOWN_PACKETS: 11,
  UP_BYTES: 12,
  DOWN_BYTES: 13,
  /** RTT of a handshake that completed in the minute that runs, else NaN. */
  MINUTE_RTT: 14,
  STARTED_AT: 15,

  /** Times of the first SYN and of the first SYN/ACK. */
  SYN_AT: 20,
  SYNACK_AT: 21,
  SERVER_RTT: 22,
  CLIENT_RTT: 23,
} as const;

export const FlowBit = {
  V6: 1,
  /** On the list of flows with packets in the minute that runs. */
  ACTIVE: 2,
  /** Nothing more is expected of the first payload from the client. */
  SETTLED: 4,
  SNAPLEN_CUT: 8,
  /** The server answered the SYN and the client has not acknowledged that yet. */
  AWAITING_ACK: 16,
  /** FIN both ways or RST: only late packets are waited for. */
  CLOSED: 32,
  /** TCP on the port of DNS, as long as its messages can be followed. */
  DNS_STREAM: 64,
  SYN_REPEATED: 128,
  SYNACK_REPEATED: 256,
  OPENED_THIS_MINUTE: 512,
  /** A ClientHello was read; and what it offered. */
  HELLO: 1024,
  ECH_OFFERED: 2048,
  CLIENT_SPOKE: 4096,
  /** The client asked a proxy to CONNECT. */
  PROXIED: 8192,
} as const;
