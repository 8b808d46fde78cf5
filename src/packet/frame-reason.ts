/** Why a frame gave no flow packet: the keys of the counters that account for every packet. */

/** By `FrameReason`. */
export const frameReasons = [
  'ok',
  'link-unknown',
  'link-truncated',
  'not-ip',
  'ip-truncated',
  'ip-malformed',
  'ip-fragment',
  'transport-truncated',
  'transport-malformed',
  'link-unreadable',
] as const;

export const FrameReason = {
  OK: 0,
  LINK_UNKNOWN: 1,
  LINK_TRUNCATED: 2,
  NOT_IP: 3,
  IP_TRUNCATED: 4,
  IP_MALFORMED: 5,
  /** A fragment of a datagram that is not whole. */
  IP_FRAGMENT: 6,
  TRANSPORT_TRUNCATED: 7,
  TRANSPORT_MALFORMED: 8,
  /** Encrypted on its link, or a part of a longer frame of it. */
  LINK_UNREADABLE: 9,
} as const;
