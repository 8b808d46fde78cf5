/** Frame to transport header: link layer, IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768), read into one reused object. */
import { wordAt } from './address.ts';
import { CONTENT_AT, contentBytes, type Datagram, PEER_ADDRESS_BYTES } from './datagram.ts';
import { FrameReason } from './frame-reason.ts';
import { LinkType } from './frame-sink.ts';
import { skipGre } from './gre.ts';
import { GTP_TEID_AT, GTP_USER_PORT } from './gtp-user.ts';
import { headerOfLink, skipLinkHeaders } from './link-layer.ts';
import { Header, headerOfVersion, NextHeader } from './next-header.ts';
import { isDeepest, Tunnel, withTunnel } from './tunnel.ts';
import { skipUdpTunnel, tunnelsByPort } from './udp-tunnels.ts';
import { isWholeIp } from './whole-ip.ts';

export const IpProtocol = { ICMP: 1, IPV4: 4, TCP: 6, UDP: 17, IPV6: 41, GRE: 47, ICMPV6: 58 } as const;

export const TcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** Extension headers of IPv6 that stand between the fixed header and the transport header. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const MAX_EXTENSION_HEADERS = 16;

const MAX_DATAGRAM_BYTES = 0xffff;

/**
 * The layers of one frame, valid after `decode` returned 0 and until the next call. In a tunnel the innermost packet
 * is told. Part of the fast path: plain fields, no allocation.
 */
// biome-ignore lint/complexity/useMathMinMax: that works on doubles, which costs a tenth of reading a packet's headers
const larger = (a: number, b: number): number => (a > b ? a : b);
// biome-ignore lint/complexity/useMathMinMax: the same
const smaller = (a: number, b: number): number => (a < b ? a : b);

export class Layers {
  /** The buffer that offsets refer to: the one that was passed, or that of a datagram put together from fragments. */
  bytes: Uint8Array = new Uint8Array(0);
  /** IP packets that this one stands for: 1, or as many as the fragments of its datagram. */
  packets = 1;
  /** Is it IPv6? */
  v6 = false;
  /** Start of the IP header. */
  ipAt = 0;
  /** Offsets of the addresses, 4 or 16 bytes. */
  sourceAt = 0;
  destinationAt = 0;
  /** IP-layer length in bytes, headers included, as they say (the frame's length where offloading left it 0). */
  ipBytes = 0;
  /** Time to live or hop limit. */
  ttl = 0;
  /** Innermost VLAN id, -1 without a tag. */
  vlan = -1;
  /** The encapsulations around the packet, for `tunnelText`; the other fields tell of the packet inside. */
  tunnel: number = Tunnel.NONE;
  /** Tunnel endpoint id of the innermost GTP header as a signed word, 0 without one. */
  teid = 0;
  /** Where there is one: offsets of the addresses of the GTP nodes, and their family. */
  gtpSourceAt = 0;
  gtpDestinationAt = 0;
  gtpV6 = false;
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
  /** After IP_FRAGMENT: its place in its datagram; the payload is the piece. */
  fragmentId = 0;
  fragmentOffset = 0;
  moreFragments = false;

  readonly #next = new NextHeader();
  readonly #tunnels: Uint8Array;

  /** `gtpPorts`: UDP ports that carry GTP's user plane. */
  constructor(gtpPorts: readonly number[] = [GTP_USER_PORT]) {
    this.#tunnels = tunnelsByPort(gtpPorts);
  }

  /**
   * Reads the frame's headers.
   *
   * @returns a `FrameReason`; IP_FRAGMENT is for `Fragments.read`
   */
  decode(bytes: Uint8Array, start: number, captured: number, original: number, linkType: number): number {
    const end = start + captured;
    let at = start;
    let header: number;
    this.bytes = bytes;
    this.packets = 1;
    this.vlan = -1;
    this.tunnel = Tunnel.NONE;
    this.teid = 0;
    switch (linkType) {
      case LinkType.ETHERNET:
        if (captured < 14) return FrameReason.LINK_TRUNCATED;
        header = (bytes[at + 12]! << 8) | bytes[at + 13]!;
        at += 14;
        break;
      case LinkType.LINUX_SLL:
        if (captured < 16) return FrameReason.LINK_TRUNCATED;
        header = (bytes[at + 14]! << 8) | bytes[at + 15]!;
        at += 16;
        break;
      case LinkType.LINUX_SLL2:
        if (captured < 20) return FrameReason.LINK_TRUNCATED;
        header = (bytes[at]! << 8) | bytes[at + 1]!;
        at += 20;
        break;
      case LinkType.NULL:
      case LinkType.LOOP:
        if (captured < 4) return FrameReason.LINK_TRUNCATED;
        // The address family precedes, in the byte order of a host or of the network; its values differ between systems.
        at += 4;
        header = headerOfVersion(bytes, at, end);
        break;
      case LinkType.RAW:
      case LinkType.RAW_BSD:
      case LinkType.RAW_OPENBSD:
      case LinkType.IPV4:
      case LinkType.IPV6:
        header = headerOfVersion(bytes, at, end);
        break;
      default:
        header = headerOfLink(linkType);
        if (header === Header.NONE) return FrameReason.LINK_UNKNOWN;
    }
    // One tag is common enough to be read in place.
    if (header === Header.VLAN && at + 4 <= end) {
      this.vlan = ((bytes[at]! << 8) | bytes[at + 1]!) & 0xfff;
      header = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
    }
    // A packet may say that it is longer than its frame: tools that cut packets do not always keep the length they had.
    const wireEnd = start + larger(original, captured);
    if (header === Header.IPV4) return this.#decodeIpv4(bytes, at, end, wireEnd);
    if (header === Header.IPV6) return this.#decodeIpv6(bytes, at, end, wireEnd);
    const next = this.#nextAt(at, end, wireEnd, header);
    const reason = skipLinkHeaders(bytes, next);
    this.vlan = next.vlan;
    return reason === FrameReason.OK ? this.#decodeIp(bytes, next) : reason;
  }

  /** Reads a datagram that was put together, or as much as came of it: its first fragment is there. */
  decodeDatagram(datagram: Datagram): number {
    const { bytes, headerBytes, v6, protocol } = datagram;
    this.bytes = bytes;
    this.packets = datagram.packets;
    this.v6 = v6;
    this.ipAt = CONTENT_AT - headerBytes;
    this.sourceAt = this.ipAt + (v6 ? 8 : 12);
    this.destinationAt = this.ipAt + (v6 ? 24 : 16);
    this.ipBytes = datagram.ipBytes;
    this.ttl = datagram.ttl;
    this.vlan = datagram.vlan;
    this.tunnel = datagram.tunnel;
    this.teid = datagram.teid;
    this.gtpSourceAt = 0;
    this.gtpDestinationAt = PEER_ADDRESS_BYTES;
    this.gtpV6 = datagram.gtpV6;
    const end = CONTENT_AT + contentBytes(datagram);
    const wireEnd = CONTENT_AT + datagram.extent;
    return v6
      ? this.#decodeExtensions(bytes, CONTENT_AT, end, wireEnd, protocol)
      : this.#decodeTransport(bytes, CONTENT_AT, end, wireEnd, protocol);
  }

  #nextAt(at: number, end: number, wireEnd: number, kind: number): NextHeader {
    const next = this.#next;
    next.at = at;
    next.end = end;
    next.wireEnd = wireEnd;
    next.kind = kind;
    next.vlan = this.vlan;
    return next;
  }

  #decodeIp(bytes: Uint8Array, { kind, at, end, wireEnd }: NextHeader): number {
    return kind === Header.IPV4 ? this.#decodeIpv4(bytes, at, end, wireEnd) : this.#decodeIpv6(bytes, at, end, wireEnd);
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
    this.ipAt = at;
    this.ipBytes = ipBytes;
    this.ttl = bytes[at + 8]!;
    this.sourceAt = at + 12;
    this.destinationAt = at + 16;
    const protocol = bytes[at + 9]!;
    const ipEnd = at + ipBytes;
    const capturedEnd = smaller(end, ipEnd);
    const fragment = (bytes[at + 6]! << 8) | bytes[at + 7]!;
    if ((fragment & 0x3fff) !== 0) {
      const id = (bytes[at + 4]! << 8) | bytes[at + 5]!;
      const more = (fragment & 0x2000) !== 0;
      return this.#readFragment(at + headerBytes, capturedEnd, ipEnd, protocol, id, (fragment & 0x1fff) << 3, more);
    }
    return this.#decodeTransport(bytes, at + headerBytes, capturedEnd, ipEnd, protocol);
  }

  #decodeIpv6(bytes: Uint8Array, at: number, end: number, wireEnd: number): number {
    if (at + 40 > end) return FrameReason.IP_TRUNCATED;
    if (bytes[at]! >> 4 !== 6) return FrameReason.IP_MALFORMED;
    const payloadBytes = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const ipEnd = payloadBytes === 0 ? wireEnd : at + 40 + payloadBytes;
    this.v6 = true;
    this.ipAt = at;
    this.ipBytes = ipEnd - at;
    this.ttl = bytes[at + 7]!;
    this.sourceAt = at + 8;
    this.destinationAt = at + 24;
    return this.#decodeExtensions(bytes, at + 40, smaller(end, ipEnd), ipEnd, bytes[at + 6]!);
  }

  #decodeExtensions(bytes: Uint8Array, start: number, end: number, wireEnd: number, protocol: number): number {
    let next = protocol;
    let at = start;
    for (let headers = 0; headers < MAX_EXTENSION_HEADERS; headers++) {
      let headerBytes: number;
      if (next === HOP_BY_HOP || next === ROUTING || next === DESTINATION_OPTIONS || next === MOBILITY) {
        if (at + 8 > end) return FrameReason.IP_TRUNCATED;
        headerBytes = (bytes[at + 1]! + 1) << 3;
      } else if (next === FRAGMENT) {
        if (at + 8 > end) return FrameReason.IP_TRUNCATED;
        const fragment = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        if ((fragment & 0xfff9) !== 0) {
          const id = wordAt(bytes, at + 4);
          const more = (fragment & 1) !== 0;
          return this.#readFragment(at + 8, end, wireEnd, bytes[at]!, id, fragment & 0xfff8, more);
        }
        headerBytes = 8;
      } else if (next === AUTHENTICATION) {
        if (at + 8 > end) return FrameReason.IP_TRUNCATED;
        headerBytes = (bytes[at + 1]! + 2) << 2;
      } else {
        return this.#decodeTransport(bytes, at, end, wireEnd, next);
      }
      next = bytes[at]!;
      at += headerBytes;
      if (at > end) return FrameReason.IP_TRUNCATED;
    }
    return FrameReason.IP_MALFORMED;
  }

  #readFragment(
    at: number,
    end: number,
    wireEnd: number,
    protocol: number,
    id: number,
    offset: number,
    more: boolean,
  ): number {
    const contentBytes = wireEnd - at;
    // All but the last are of a multiple of eight bytes.
    if (contentBytes <= 0 || offset + contentBytes > MAX_DATAGRAM_BYTES || (more && (contentBytes & 7) !== 0)) {
      return FrameReason.IP_MALFORMED;
    }
    this.protocol = protocol;
    this.fragmentId = id;
    this.fragmentOffset = offset;
    this.moreFragments = more;
    this.payloadStart = at;
    this.payloadEnd = larger(at, end);
    this.payloadBytes = contentBytes;
    return FrameReason.IP_FRAGMENT;
  }

  #decodeTransport(bytes: Uint8Array, at: number, end: number, wireEnd: number, protocol: number): number {
    let payloadStart = at;
    this.protocol = protocol;
    this.transportAt = at;
    if (protocol === IpProtocol.TCP) {
      if (at + 20 > end) return at + 20 > wireEnd ? FrameReason.TRANSPORT_MALFORMED : FrameReason.TRANSPORT_TRUNCATED;
      const headerBytes = (bytes[at + 12]! >> 4) << 2;
      if (headerBytes < 20 || at + headerBytes > wireEnd) return FrameReason.TRANSPORT_MALFORMED;
      payloadStart += headerBytes;
      this.tcpSequence = wordAt(bytes, at + 4);
      this.tcpAcknowledgement = wordAt(bytes, at + 8);
      this.tcpFlags = bytes[at + 13]!;
      this.tcpWindow = (bytes[at + 14]! << 8) | bytes[at + 15]!;
      this.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
      this.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    } else if (protocol === IpProtocol.UDP) {
      if (at + 8 > end) return at + 8 > wireEnd ? FrameReason.TRANSPORT_MALFORMED : FrameReason.TRANSPORT_TRUNCATED;
      payloadStart += 8;
      const sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
      const destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      this.tcpFlags = 0;
      this.sourcePort = sourcePort;
      this.destinationPort = destinationPort;
      const tunnel = this.#tunnels[destinationPort]! || this.#tunnels[sourcePort]!;
      if (payloadStart < end && (tunnel !== Tunnel.NONE || bytes[payloadStart]! >> 4 === 6)) {
        const next = this.#nextAt(payloadStart, end, wireEnd, Header.NONE);
        const reason = this.#decodeInside(bytes, skipUdpTunnel(bytes, next, tunnel), payloadStart);
        if (reason === FrameReason.OK || reason === FrameReason.IP_FRAGMENT) return reason;
      }
    } else {
      this.tcpFlags = 0;
      this.sourcePort = 0;
      this.destinationPort = 0;
      if (protocol === IpProtocol.GRE || protocol === IpProtocol.IPV6 || protocol === IpProtocol.IPV4) {
        const next = this.#nextAt(at, end, wireEnd, Header.NONE);
        const reason = this.#decodeInside(bytes, this.#skipIpTunnel(bytes, next), at);
        if (reason === FrameReason.OK || reason === FrameReason.IP_FRAGMENT) return reason;
      }
    }
    this.payloadStart = payloadStart;
    this.payloadEnd = larger(end, payloadStart);
    this.payloadBytes = wireEnd > payloadStart ? wireEnd - payloadStart : 0;
    this.capturedEnd = end;
    return FrameReason.OK;
  }

  /** The `Tunnel` that an IP protocol is. */
  #skipIpTunnel(bytes: Uint8Array, next: NextHeader): number {
    if (this.protocol === IpProtocol.GRE) return skipGre(bytes, next);
    if (this.protocol === IpProtocol.IPV4) {
      next.kind = Header.IPV4;
      return this.v6 ? Tunnel.IPV4_IN_IPV6 : Tunnel.IPV4_IN_IPV4;
    }
    next.kind = Header.IPV6;
    return this.v6 ? Tunnel.IPV6_IN_IPV6 : Tunnel.IPV6_IN_IPV4;
  }

  /**
   * Reads the packet inside of a tunnel whose header `#next` has passed. If that is neither a packet of a flow nor a
   * fragment, the outer packet stands as it was read.
   */
  #decodeInside(bytes: Uint8Array, tunnel: number, tunnelAt: number): number {
    const next = this.#next;
    if (tunnel === Tunnel.NONE || isDeepest(this.tunnel)) return FrameReason.NOT_IP;
    if (skipLinkHeaders(bytes, next) !== FrameReason.OK || !isWholeIp(bytes, next)) return FrameReason.NOT_IP;
    const { packets, v6, ipAt, sourceAt, destinationAt, ipBytes, ttl, vlan, tunnel: around } = this;
    const { teid, gtpSourceAt, gtpDestinationAt, gtpV6, protocol, transportAt, sourcePort, destinationPort } = this;
    this.packets = 1;
    this.vlan = next.vlan;
    this.tunnel = withTunnel(around, tunnel);
    if (tunnel === Tunnel.GTP) {
      this.teid = wordAt(bytes, tunnelAt + GTP_TEID_AT);
      this.gtpSourceAt = sourceAt;
      this.gtpDestinationAt = destinationAt;
      this.gtpV6 = v6;
    }
    const reason = this.#decodeIp(bytes, next);
    if (reason === FrameReason.OK || reason === FrameReason.IP_FRAGMENT) return reason;
    this.packets = packets;
    this.v6 = v6;
    this.ipAt = ipAt;
    this.sourceAt = sourceAt;
    this.destinationAt = destinationAt;
    this.ipBytes = ipBytes;
    this.ttl = ttl;
    this.vlan = vlan;
    this.tunnel = around;
    this.teid = teid;
    this.gtpSourceAt = gtpSourceAt;
    this.gtpDestinationAt = gtpDestinationAt;
    this.gtpV6 = gtpV6;
    this.protocol = protocol;
    this.transportAt = transportAt;
    this.sourcePort = sourcePort;
    this.destinationPort = destinationPort;
    this.tcpFlags = 0;
    return reason;
  }
}
