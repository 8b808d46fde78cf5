/** The place in a frame where the next header starts, and what it is: decoders of links and tunnels move it on. */

/** What a header is: its EtherType (IANA) where it has one, else a number beyond those. */
export const Header = {
  /** Nothing that is read. */
  NONE: -1,
  IPV4: 0x0800,
  IPV6: 0x86dd,
  VLAN: 0x8100,
  SERVICE_VLAN: 0x88a8,
  OLD_SERVICE_VLAN: 0x9100,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  PPPOE: 0x8864,
  PPP: 0x880b,
  ETHERNET: 0x6558,
  ERSPAN: 0x88be,
  ERSPAN_III: 0x22eb,
  LLC: 0x1_0000,
  WIFI: 0x1_0001,
  RADIOTAP: 0x1_0002,
  PRISM: 0x1_0003,
  CISCO_HDLC: 0x1_0004,
  FRAME_RELAY: 0x1_0005,
  NFLOG: 0x1_0006,
} as const;

/** One object is reused for all frames, so that nothing is allocated for any. */
export class NextHeader {
  /** A `Header`, or another EtherType. */
  kind: number = Header.NONE;
  at = 0;
  /** Ends of what was captured and of what was on the wire. */
  end = 0;
  wireEnd = 0;
  /** Id of the last VLAN tag that was passed; left alone without one. */
  vlan = -1;

  /** Moves on by `bytes`; false if the capture ends before. */
  skip(bytes: number, kind: number): boolean {
    this.at += bytes;
    this.kind = kind;
    return this.at <= this.end;
  }
}

/** Raw IP says what it is in its first four bits. */
export const headerOfVersion = (bytes: Uint8Array, at: number, end: number): number => {
  if (at >= end) return Header.NONE;
  const version = bytes[at]! >> 4;
  return version === 4 ? Header.IPV4 : version === 6 ? Header.IPV6 : Header.NONE;
};
