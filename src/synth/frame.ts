/** One packet of a planted capture: Ethernet, 802.1Q if asked for, IPv4 or IPv6, and TCP or UDP, with right lengths and checksums. */
import { addWords, toChecksum } from './checksum.ts';
import { opaque } from './payload.ts';

export interface Frame {
  /** UTC microseconds. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire; what lies beyond `bytes` is zeros. */
  readonly length: number;
}

interface Peer {
  /** 4 or 16 bytes; both ends of a path have as many. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** The two ends of a flow and what all its packets have in common. */
export interface Path {
  readonly client: Peer;
  readonly server: Peer;
  /** Hop limits at the vantage. */
  readonly clientTtl: number;
  readonly serverTtl: number;
  readonly vlan?: number;
  /** Bytes of bulk payload that a packet keeps, for traces of headers; all without it. */
  readonly bulkSnaplen?: number;
}

export type Direction = 'up' | 'down';

export interface TcpHeader {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
}

const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const UDP_HEADER = 8;
const TCP_HEADER = 20;
const noOptions = new Uint8Array(0);
const noPayload = opaque(0);

/** What precedes the transport header in one direction, and where in it the fields are that change. */
interface Prefix {
  readonly bytes: Uint8Array;
  readonly ip: number;
  readonly ports: number;
  /** Sum of the words of the two addresses, which both checksums cover. */
  readonly addressSum: number;
}

const toPrefix = (from: Peer, to: Peer, hopLimit: number, vlan: number | undefined, up: boolean): Prefix => {
  const isIpv6 = from.address.length === 16;
  const ip = vlan === undefined ? 14 : 18;
  const bytes = new Uint8Array(ip + (isIpv6 ? 40 : 20));
  const view = new DataView(bytes.buffer);
  // Locally administered addresses: the two sides of the tapped link.
  bytes.set([2, 0, 0, 0, 0, up ? 2 : 1, 2, 0, 0, 0, 0, up ? 1 : 2]);
  if (vlan !== undefined) {
    view.setUint16(12, 0x8100);
    view.setUint16(14, vlan);
  }
  view.setUint16(ip - 2, isIpv6 ? 0x86dd : 0x0800);
  if (isIpv6) {
    bytes[ip] = 0x60;
    bytes[ip + 7] = hopLimit;
    bytes.set(from.address, ip + 8);
    bytes.set(to.address, ip + 24);
  } else {
    bytes[ip] = 0x45;
    bytes[ip + 6] = 0x40;
    bytes[ip + 8] = hopLimit;
    bytes.set(from.address, ip + 12);
    bytes.set(to.address, ip + 16);
  }
  const addressSum = addWords(from.address, 0, from.address.length, addWords(to.address, 0, to.address.length, 0));
  return { bytes, ip, ports: from.port * 0x10000 + to.port, addressSum };
};

/** Builds the packets of one path. */
export class FrameBuilder {
  readonly #up: Prefix;
  readonly #down: Prefix;
  readonly #isIpv6: boolean;
  readonly #bulkSnaplen: number;
  #identification = 0;

  constructor({ client, server, clientTtl, serverTtl, vlan, bulkSnaplen }: Path) {
    this.#up = toPrefix(client, server, clientTtl, vlan, true);
    this.#down = toPrefix(server, client, serverTtl, vlan, false);
    this.#isIpv6 = client.address.length === 16;
    this.#bulkSnaplen = bulkSnaplen ?? Number.POSITIVE_INFINITY;
  }

  /** A segment with the bytes `offset .. offset + count` of `payload`. */
  tcp(at: number, direction: Direction, header: TcpHeader, payload = noPayload, offset = 0, count = 0): Frame {
    const options = header.options ?? noOptions;
    const headerLength = TCP_HEADER + options.length;
    const captured = payload.isBulk ? Math.min(count, this.#bulkSnaplen) : count;
    const { bytes, view, transport } = this.#start(direction, PROTOCOL_TCP, headerLength, count, captured);
    view.setUint32(transport + 4, header.sequence >>> 0);
    view.setUint32(transport + 8, header.acknowledgment >>> 0);
    bytes[transport + 12] = (headerLength / 4) << 4;
    bytes[transport + 13] = header.flags;
    view.setUint16(transport + 14, header.window);
    bytes.set(options, transport + TCP_HEADER);
    payload.fill(bytes, transport + headerLength, offset, captured);
    const length = headerLength + count;
    view.setUint16(transport + 16, this.#checksum(direction, PROTOCOL_TCP, bytes, transport, length));
    return { at, bytes, length: transport + length };
  }

  /** A datagram: `head`, and behind it the bytes `offset .. offset + count` of `payload`. */
  udp(at: number, direction: Direction, head: Uint8Array, payload = noPayload, offset = 0, count = 0): Frame {
    const captured = head.length + (payload.isBulk ? Math.min(count, this.#bulkSnaplen) : count);
    const contentLength = head.length + count;
    const { bytes, view, transport } = this.#start(direction, PROTOCOL_UDP, UDP_HEADER, contentLength, captured);
    const length = UDP_HEADER + contentLength;
    view.setUint16(transport + 4, length);
    bytes.set(head, transport + UDP_HEADER);
    payload.fill(bytes, transport + UDP_HEADER + head.length, offset, captured - head.length);
    // RFC 768: a checksum that comes out as zero is sent as all ones, for zero means that there is none.
    view.setUint16(transport + 6, this.#checksum(direction, PROTOCOL_UDP, bytes, transport, length) || 0xffff);
    return { at, bytes, length: transport + length };
  }

  #start(direction: Direction, protocol: number, headerLength: number, payloadLength: number, captured: number) {
    const prefix = direction === 'up' ? this.#up : this.#down;
    const { ip } = prefix;
    const transport = prefix.bytes.length;
    const bytes = new Uint8Array(transport + headerLength + captured);
    bytes.set(prefix.bytes);
    const view = new DataView(bytes.buffer);
    const length = headerLength + payloadLength;
    if (this.#isIpv6) {
      view.setUint16(ip + 4, length);
      bytes[ip + 6] = protocol;
    } else {
      view.setUint16(ip + 2, 20 + length);
      view.setUint16(ip + 4, this.#identification++ & 0xffff);
      bytes[ip + 9] = protocol;
      view.setUint16(ip + 10, toChecksum(addWords(bytes, ip, transport, 0)));
    }
    view.setUint32(transport, prefix.ports);
    return { bytes, view, transport };
  }

  /** Over the pseudo header (RFC 9293 3.1, RFC 8200 8.1), the transport header and the payload. */
  #checksum(direction: Direction, protocol: number, bytes: Uint8Array, transport: number, length: number): number {
    const { addressSum } = direction === 'up' ? this.#up : this.#down;
    return toChecksum(addWords(bytes, transport, bytes.length, addressSum + protocol + length));
  }
}
