/** Planted mobile sessions: what the control messages of GTP tell, and user packets in GTP-U tunnels (TS 29.281). */
import { parseAddress } from '../packet/address.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Direction, type Frame, FrameBuilder } from './frame.ts';

/** A session as its control messages tell of it; addresses in text. */
export interface GtpSession {
  readonly imsi: string;
  readonly msisdn?: string;
  /** 14 to 16 digits. */
  readonly imei?: string;
  readonly apn?: string;
  /** Number of the radio access technology. */
  readonly rat?: number;
  /** User Location Information as it stands in the message. */
  readonly location?: Uint8Array;
  /** NSAPI or EPS bearer identity. */
  readonly bearer: number;
  /** User addresses: IPv4; first address of the /64. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** The nodes: SGSN, or whoever is on the side of the radio, and GGSN or PGW. */
  readonly accessNode: string;
  readonly networkNode: string;
  /** Who listens to a TEID chose it: the network for what goes up, the access for what goes down. */
  readonly upTeid: number;
  readonly downTeid: number;
  readonly upControlTeid: number;
  readonly downControlTeid: number;
}

const PORT_CONTROL = 2123;
const PORT_USER = 2152;
const G_PDU = 255;
const ERROR_INDICATION = 26;
const ETHERNET_BYTES = 14;
const VERSION_1 = 0x30;

/** The bytes of an address in text, which must be one. */
export const addressBytes = (text: string): Uint8Array => {
  const bytes = parseAddress(text);
  if (bytes === undefined) throw new Error(`no address: ${text}`);
  return bytes;
};

/** Digits two to a byte, the lower half first, filled up with ones to `length` bytes (TS 29.002 17.7.8). */
export const toBcd = (digits: string, length = Math.ceil(digits.length / 2)): Uint8Array => {
  const half = (i: number): number => (i < digits.length ? Number(digits[i]) : 0xf);
  return Uint8Array.from({ length }, (_, i) => half(2 * i) | (half(2 * i + 1) << 4));
};

/** An access point name as labels behind their lengths. */
export const toAccessPoint = (name: string): Uint8Array => {
  const writer = new ByteWriter();
  for (const label of name.split('.')) writer.sized(1, (content) => content.text(label));
  return writer.finish();
};

const builder = (from: string, to: string, port: number): FrameBuilder =>
  new FrameBuilder({
    client: { address: addressBytes(from), port },
    server: { address: addressBytes(to), port },
    clientTtl: 62,
    serverTtl: 62,
  });

/** A control message in a frame, from the access node (`up`) or to it. */
export const controlFrame = (
  { accessNode, networkNode }: GtpSession,
  at: number,
  direction: Direction,
  message: Uint8Array,
): Frame => builder(accessNode, networkNode, PORT_CONTROL).udp(at, direction, message);

/** A user packet in the session's tunnel: what follows the Ethernet header of `inner`, behind the headers of the tunnel. */
export const tunnelFrame = (session: GtpSession, direction: Direction, inner: Frame): Frame => {
  const teid = direction === 'up' ? session.upTeid : session.downTeid;
  const packetBytes = inner.length - ETHERNET_BYTES;
  const header = new ByteWriter().uint8(VERSION_1).uint8(G_PDU).uint16(packetBytes).uint32(teid).finish();
  // At its full length, so that all lengths are right; then cut where the inner frame was.
  const payload = new Uint8Array(header.length + packetBytes);
  payload.set(header);
  payload.set(inner.bytes.subarray(ETHERNET_BYTES), header.length);
  const { bytes, length } = builder(session.accessNode, session.networkNode, PORT_USER).udp(
    inner.at,
    direction,
    payload,
  );
  return { at: inner.at, bytes: bytes.subarray(0, length - (inner.length - inner.bytes.length)), length };
};

/** The receiver of a direction says that it knows no context with its TEID (TS 29.281 7.3.1). */
export const errorIndication = (session: GtpSession, at: number, receiver: 'access' | 'network'): Frame => {
  const [teid, node, direction] =
    receiver === 'access'
      ? ([session.downTeid, session.accessNode, 'up'] as const)
      : ([session.upTeid, session.networkNode, 'down'] as const);
  const address = addressBytes(node);
  const elements = new ByteWriter().uint8(16).uint32(teid).uint8(133).uint16(address.length).bytes(address).finish();
  const message = new ByteWriter()
    .uint8(VERSION_1 | 2)
    .uint8(ERROR_INDICATION)
    .uint16(4 + elements.length)
    .uint32(0)
    .uint32(0)
    .bytes(elements)
    .finish();
  return builder(session.accessNode, session.networkNode, PORT_USER).udp(at, direction, message);
};
