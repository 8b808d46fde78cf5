/** The layout of a flow's record: 64 words of one buffer, seen as Int32 and as Float64. */

export const RECORD_WORDS = 64;
export const RECORD_DOUBLES = RECORD_WORDS / 2;

/** Int32 fields, by word. */
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
  /** The expiry wheel's list: flow ids, -1 at the ends; and the slot of the wheel. */
  WHEEL_NEXT: 6,
  WHEEL_PREVIOUS: 7,
  WHEEL_SLOT: 8,
  /** Ids in the address table, whatever the family. */
  CLIENT_ID: 9,
  SERVER_ID: 10,
  /** Second half of the flow id. */
  ID_HASH: 11,
  VLAN: 12,
  TTL: 13,
  UP_SYNS: 14,
  DOWN_SYNS: 15,
  UP_FINS: 16,
  DOWN_FINS: 17,
  UP_RSTS: 18,
  DOWN_RSTS: 19,
  /** Sequence number of the client's SYN, to tell a retransmission from a new connection. */
  CLIENT_ISN: 20,
  SERVER_ISN: 21,
  /** The same counts of the minute that runs. */
  MINUTE_UP_PACKETS: 22,
  MINUTE_DOWN_PACKETS: 23,
  MINUTE_SYNS: 24,
  MINUTE_SYNACKS: 25,
  MINUTE_FINS: 26,
  MINUTE_RSTS: 27,
  /** Interner codes: server name of the ClientHello, its protocols joined by commas, host of the HTTP request. */
  SNI: 54,
  ALPN: 55,
  HTTP_HOST: 56,
} as const;

/** Float64 fields, by double. Packets and bytes of past minutes; those of the minute that runs are to be added. */
export const Double = {
  STARTED_AT: 14,
  ENDED_AT: 15,
  UP_PACKETS: 16,
  DOWN_PACKETS: 17,
  UP_BYTES: 18,
  DOWN_BYTES: 19,
  MINUTE_UP_BYTES: 20,
  MINUTE_DOWN_BYTES: 21,
  /** Times of the first SYN and of the first SYN/ACK. */
  SYN_AT: 22,
  SYNACK_AT: 23,
  SERVER_RTT: 24,
  CLIENT_RTT: 25,
  /** RTT of a handshake that completed in the minute that runs, else NaN. */
  MINUTE_RTT: 26,
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
  /** TCP on the port of DNS. */
  DNS_STREAM: 64,
  SYN_REPEATED: 128,
  SYNACK_REPEATED: 256,
  OPENED_THIS_MINUTE: 512,
  /** A ClientHello was read; and what it offered. */
  HELLO: 1024,
  ECH_OFFERED: 2048,
} as const;
