/** Where captures hand their packets over, one call a packet and no object for it. */

/** Link types by their tcpdump number (LINKTYPE_ values of pcap and pcapng). */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  PPP_HDLC: 50,
  PPP_ETHER: 51,
  RAW: 101,
  CISCO_HDLC: 104,
  /** IEEE 802.11: plain, and behind what a radio card tells of the frame. */
  WIFI: 105,
  FRAME_RELAY: 107,
  LOOP: 108,
  LINUX_SLL: 113,
  WIFI_PRISM: 119,
  WIFI_RADIOTAP: 127,
  WIFI_AVS: 163,
  IPV4: 228,
  IPV6: 229,
  NFLOG: 239,
  LINUX_SLL2: 276,
} as const;

export interface FrameSink {
  /**
   * One captured frame. The bytes are valid only during the call.
   *
   * @param bytes buffer that holds the frame
   * @param start index of the first byte of the frame
   * @param captured bytes present
   * @param original bytes on the wire, at least `captured` unless the capture lies
   * @param at UTC microseconds
   * @param linkType LINKTYPE_ number
   */
  frame(bytes: Uint8Array, start: number, captured: number, original: number, at: number, linkType: number): void;
}
