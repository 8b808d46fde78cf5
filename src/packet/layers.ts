/** Frame to transport header: link layer, IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768), read into one reused object. */
import { wordAt } from './address.ts';
import { LinkType } from './frame-sink.ts';

/** Why a frame gave no flow packet; 0 is success. The names are the keys of the malformed counters. */
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
] as const;

export const FrameReason = {
  OK: 0,
  LINK_UNKNOWN: 1,
  LINK_TRUNCATED: 2,
  NOT_IP: 3,
  IP_TRUNCATED: 4,
  IP_MALFORMED: 5,
  IP_FRAGMENT: 6,
  TRANSPORT_TRUNCATED: 7,
  TRANSPORT_MALFORMED: 8,
} as const;

export const IpProtocol = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 } as const;

export const TcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** Encapsulations that are taken off, by `Layers.tunnel`. */
export const tunnelNames = ['', 'vxlan'] as const;

const Tunnel = { NONE: 0, VXLAN: 1 } as const;

/** RFC 7348: the port, and the flags word with nothing but the I bit set. */
const VXLAN_PORT = 4789;
const VXLAN_FLAGS = 0x08000000;
const VXLAN_HEADER_BYTES = 8;

const EtherType = { IPV4: 0x0800, VLAN: 0x8100, IPV6: 0x86dd, SERVICE_VLAN: 0x88a8, OLD_SERVICE_VLAN: 0x9100 } as const;

/** Extension headers of IPv6 that stand between the fixed header and the transport header. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const MAX_EXTENSION_HEADERS = 16;
const MAX_VLAN_TAGS = 8;

/**
 * The layers of one frame, valid after `decode` returned 0 and until the next call. Offsets are into the buffer
 * that was passed. Part of the fast path: plain fields, no allocation.
 */
export class Layers {
  /** Is it IPv6? */
  v6 = false;
  /** Start of the IP header. */
  ipAt = 0;
  /** Offsets of the addresses, 4 or 16 bytes. */
  sourceAt = 0;
  destinationAt = 0;
  /** IP-layer length in bytes, header included, as the header says (the frame's length where offloading left it 0). */
  ipBytes = 0;
  /** Time to live or hop limit. */
  ttl = 0;
  /** Innermost VLAN id, -1 without a tag. */
  vlan = -1;
  /** The encapsulation around the packet, an index into `tunnelNames`; the other fields tell of the packet inside. */
  tunnel: number = Tunnel.NONE;
  /** IANA protocol number of the transport. */
  protocol = 0;
  /** Start of the transport header. */
  transportAt = 0;
  /** Ports; 0 for protocols without any. */
  sourcePort = 0;
  destinationPort = 0;
  /** Start of the transport payload and the end of its captured part. */
  payloadStart = 0;
  payloadEnd = 0;
  /** End of what was captured of the packet: before the payload if a header was cut. */
  capturedEnd = 0;
  /** Payload bytes on the wire, at least those captured. */
  payloadBytes = 0;
  tcpFlags = 0;
  /** Sequence and acknowledgement numbers as signed 32-bit words. */
  tcpSequence = 0;
  tcpAcknowledgement = 0;
  /** The window field, not scaled. */
  tcpWindow = 0;

  /**
   * Reads the frame's headers.
   *
   * @returns 0, or an index into `frameReasons`
   */
  decode(bytes: Uint8Array, start: number, captured: number, original: number, linkType: number): number {
    const end = start + captured;
    let at = start;
    let etherType: number;
    this.vlan = -1;
    this.tunnel = Tunnel.NONE;
    switch (linkType) {
      case LinkType.ETHERNET:
        if (captured < 14) return FrameReason.LINK_TRUNCATED;
        etherType = (bytes[at + 12]! << 8) | bytes[at + 13]!;
        at += 14;
        break;
      case LinkType.LINUX_SLL:
        if (captured < 16) return FrameReason.LINK_TRUNCATED;
        etherType = (bytes[at + 14]! << 8) | bytes[at + 15]!;
        at += 16;
        break;
      case LinkType.LINUX_SLL2:
        if (captured < 20) return FrameReason.LINK_TRUNCATED;
        etherType = (bytes[at]! << 8) | bytes[at + 1]!;
        at += 20;
        break;
      case LinkType.NULL:
      case LinkType.LOOP:
        if (captured < 4) return FrameReason.LINK_TRUNCATED;
        // The address family precedes, in the byte order of a host or of the network; its values differ between systems.
        at += 4;
        etherType = etherTypeOfVersion(bytes, at, end);
        break;
      case LinkType.RAW:
      case LinkType.RAW_BSD:
      case LinkType.RAW_OPENBSD:
      case LinkType.IPV4:
      case LinkType.IPV6:
        etherType = etherTypeOfVersion(bytes, at, end);
        break;
      default:
        return FrameReason.LINK_UNKNOWN;
    }
    // A packet may say that it is longer than its frame: tools that cut packets do not always keep the length they had.
    return this.#decodeNetwork(bytes, at, end, start + Math.max(original, captured), etherType);
  }

  /** What follows a link layer: VLAN tags, then IP. */
  #decodeNetwork(bytes: Uint8Array, at: number, end: number, wireEnd: number, etherType: number): number {
    for (let tags = 0; tags < MAX_VLAN_TAGS; tags++) {
      if (
        etherType !== EtherType.VLAN &&
        etherType !== EtherType.SERVICE_VLAN &&
        etherType !== EtherType.OLD_SERVICE_VLAN
      ) {
        break;
      }
      if (at + 4 > end) return FrameReason.LINK_TRUNCATED;
      this.vlan = ((bytes[at]! << 8) | bytes[at + 1]!) & 0xfff;
      etherType = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
    }
    if (etherType === EtherType.IPV4) return this.#decodeIpv4(bytes, at, end, wireEnd);
    if (etherType === EtherType.IPV6) return this.#decodeIpv6(bytes, at, end, wireEnd);
    return FrameReason.NOT_IP;
  }

  #decodeIpv4(bytes: Uint8Array, at: number, end: number, wireEnd: number): number {
    if (at + 20 > end) return FrameReason.IP_TRUNCATED;
    const headerBytes = (bytes[at]! & 0x0f) << 2;
    if (bytes[at]! >> 4 !== 4 || headerBytes < 20) return FrameReason.IP_MALFORMED;
    let ipBytes = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    // Segmentation offload leaves the total length 0 in captures made on the sending host.
    if (ipBytes === 0) ipBytes = wireEnd - at;
    if (ipBytes < headerBytes) return FrameReason.IP_MALFORMED;
    this.v6 = false;
    this.ipBytes = ipBytes;
    this.ttl = bytes[at + 8]!;
    this.protocol = bytes[at + 9]!;
    this.sourceAt = at + 12;
    this.destinationAt = at + 16;
    const fragmentOffset = ((bytes[at + 6]! << 8) | bytes[at + 7]!) & 0x1fff;
    if (fragmentOffset !== 0) return FrameReason.IP_FRAGMENT;
    return this.#decodeTransport(bytes, at + headerBytes, Math.min(end, at + ipBytes), at + ipBytes);
  }

  #decodeIpv6(bytes: Uint8Array, at: number, end: number, wireEnd: number): number {
    if (at + 40 > end) return FrameReason.IP_TRUNCATED;
    if (bytes[at]! >> 4 !== 6) return FrameReason.IP_MALFORMED;
    const payloadBytes = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const ipEnd = payloadBytes === 0 ? wireEnd : at + 40 + payloadBytes;
    this.v6 = true;
    this.ipBytes = ipEnd - at;
    this.ttl = bytes[at + 7]!;
    this.sourceAt = at + 8;
    this.destinationAt = at + 24;
    const capturedEnd = Math.min(end, ipEnd);
    let next = bytes[at + 6]!;
    let header = at + 40;
    for (let headers = 0; headers < MAX_EXTENSION_HEADERS; headers++) {
      let headerBytes: number;
      if (next === HOP_BY_HOP || next === ROUTING || next === DESTINATION_OPTIONS || next === MOBILITY) {
        if (header + 8 > capturedEnd) return FrameReason.IP_TRUNCATED;
        headerBytes = (bytes[header + 1]! + 1) << 3;
      } else if (next === FRAGMENT) {
        if (header + 8 > capturedEnd) return FrameReason.IP_TRUNCATED;
        if ((((bytes[header + 2]! << 8) | bytes[header + 3]!) & 0xfff8) !== 0) return FrameReason.IP_FRAGMENT;
        headerBytes = 8;
      } else if (next === AUTHENTICATION) {
        if (header + 8 > capturedEnd) return FrameReason.IP_TRUNCATED;
        headerBytes = (bytes[header + 1]! + 2) << 2;
      } else {
        this.protocol = next;
        return this.#decodeTransport(bytes, header, capturedEnd, ipEnd);
      }
      next = bytes[header]!;
      header += headerBytes;
      if (header > capturedEnd) return FrameReason.IP_TRUNCATED;
    }
    return FrameReason.IP_MALFORMED;
  }

  #decodeTransport(bytes: Uint8Array, at: number, end: number, wireEnd: number): number {
    let headerBytes = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.tcpFlags = 0;
    if (this.protocol === IpProtocol.TCP) {
      if (at + 20 > end) return at + 20 > wireEnd ? FrameReason.TRANSPORT_MALFORMED : FrameReason.TRANSPORT_TRUNCATED;
      headerBytes = (bytes[at + 12]! >> 4) << 2;
      if (headerBytes < 20 || at + headerBytes > wireEnd) return FrameReason.TRANSPORT_MALFORMED;
      this.tcpSequence = wordAt(bytes, at + 4);
      this.tcpAcknowledgement = wordAt(bytes, at + 8);
      this.tcpFlags = bytes[at + 13]!;
      this.tcpWindow = (bytes[at + 14]! << 8) | bytes[at + 15]!;
      this.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
      this.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    } else if (this.protocol === IpProtocol.UDP) {
      if (at + 8 > end) return at + 8 > wireEnd ? FrameReason.TRANSPORT_MALFORMED : FrameReason.TRANSPORT_TRUNCATED;
      headerBytes = 8;
      this.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
      this.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      if (this.destinationPort === VXLAN_PORT && this.tunnel === Tunnel.NONE) {
        if (this.#decodeVxlan(bytes, at + headerBytes, end, wireEnd)) return FrameReason.OK;
      }
    }
    const payloadStart = at + headerBytes;
    this.payloadStart = payloadStart;
    this.payloadEnd = Math.max(end, payloadStart);
    this.payloadBytes = wireEnd > payloadStart ? wireEnd - payloadStart : 0;
    this.ipAt = this.v6 ? this.sourceAt - 8 : this.sourceAt - 12;
    this.transportAt = at;
    this.capturedEnd = end;
    return FrameReason.OK;
  }

  /** Takes VXLAN off (RFC 7348). If there is no packet of a flow inside, the outer one stands as it was read. */
  #decodeVxlan(bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
    const inside = at + VXLAN_HEADER_BYTES;
    if (inside + 14 > end) return false;
    const flags = wordAt(bytes, at);
    if (flags !== VXLAN_FLAGS || bytes[at + 7] !== 0) return false;
    const { v6, sourceAt, destinationAt, ipBytes, ttl, vlan, protocol, sourcePort, destinationPort } = this;
    this.tunnel = Tunnel.VXLAN;
    const etherType = (bytes[inside + 12]! << 8) | bytes[inside + 13]!;
    if (this.#decodeNetwork(bytes, inside + 14, end, wireEnd, etherType) === FrameReason.OK) return true;
    Object.assign(this, { v6, sourceAt, destinationAt, ipBytes, ttl, vlan, protocol, sourcePort, destinationPort });
    this.tunnel = Tunnel.NONE;
    this.tcpFlags = 0;
    return false;
  }
}

/** Raw IP says what it is in its first four bits; 0 stands for "not IP". */
const etherTypeOfVersion = (bytes: Uint8Array, at: number, end: number): number => {
  if (at >= end) return 0;
  const version = bytes[at]! >> 4;
  return version === 4 ? EtherType.IPV4 : version === 6 ? EtherType.IPV6 : 0;
};
