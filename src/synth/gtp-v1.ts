/** GTPv1-C messages of planted sessions: PDP contexts created, updated, deleted (TS 29.060 7.3). */
import { ByteWriter } from './byte-writer.ts';
import { addressBytes, type GtpSession, toAccessPoint, toBcd } from './gtp.ts';

const ACCEPTED = 128;

const message = (type: number, teid: number, sequence: number, elements: (writer: ByteWriter) => void): Uint8Array => {
  const body = new ByteWriter().uint16(sequence).uint16(0);
  elements(body);
  const bytes = body.finish();
  return new ByteWriter().uint8(0x32).uint8(type).uint16(bytes.length).uint32(teid).bytes(bytes).finish();
};

const sized = (writer: ByteWriter, type: number, value: Iterable<number>): ByteWriter =>
  writer.uint8(type).sized(2, (content) => content.bytes(value));

const nodeTwice = (writer: ByteWriter, node: string): void => {
  for (let i = 0; i < 2; i++) sized(writer, 133, addressBytes(node));
};

/** Type and address of what the session uses (7.7.27). */
const userAddress = ({ ipv4, ipv6 }: GtpSession): number[] => {
  const type = ipv4 === undefined ? 0x57 : ipv6 === undefined ? 0x21 : 0x8d;
  const addresses = [ipv4, ipv6].flatMap((address) => (address === undefined ? [] : [...addressBytes(address)]));
  return [0xf1, type, ...addresses];
};

const device = (writer: ByteWriter, { rat, location, imei }: GtpSession): void => {
  if (rat !== undefined) sized(writer, 151, [rat]);
  if (location !== undefined) sized(writer, 152, location);
  if (imei !== undefined) sized(writer, 154, toBcd(imei));
};

/** Asks for a context; the user address comes with the answer. */
export const createPdpRequest = (sequence: number, session: GtpSession): Uint8Array =>
  message(16, 0, sequence, (writer) => {
    writer.uint8(2).bytes(toBcd(session.imsi, 8));
    writer.uint8(16).uint32(session.downTeid).uint8(17).uint32(session.downControlTeid);
    writer.uint8(20).uint8(session.bearer);
    sized(writer, 128, userAddress(session).slice(0, 2));
    if (session.apn !== undefined) sized(writer, 131, toAccessPoint(session.apn));
    nodeTwice(writer, session.accessNode);
    if (session.msisdn !== undefined) sized(writer, 134, [0x91, ...toBcd(session.msisdn)]);
    device(writer, session);
  });

export const createPdpResponse = (sequence: number, session: GtpSession, cause = ACCEPTED): Uint8Array =>
  message(17, session.downControlTeid, sequence, (writer) => {
    writer.uint8(1).uint8(cause);
    if (cause !== ACCEPTED) return;
    writer.uint8(16).uint32(session.upTeid).uint8(17).uint32(session.upControlTeid).uint8(127).uint32(1);
    sized(writer, 128, userAddress(session));
    nodeTwice(writer, session.networkNode);
  });

/** Tells the network of a new access node, tunnel or place: `session` as it is to be. */
export const updatePdpRequest = (sequence: number, session: GtpSession): Uint8Array =>
  message(18, session.upControlTeid, sequence, (writer) => {
    writer.uint8(16).uint32(session.downTeid).uint8(17).uint32(session.downControlTeid);
    writer.uint8(20).uint8(session.bearer);
    nodeTwice(writer, session.accessNode);
    device(writer, session);
  });

export const updatePdpResponse = (sequence: number, session: GtpSession, cause = ACCEPTED): Uint8Array =>
  message(19, session.downControlTeid, sequence, (writer) => {
    writer.uint8(1).uint8(cause);
    if (cause === ACCEPTED) writer.uint8(16).uint32(session.upTeid);
  });

/** Ends the context, and with `teardown` all that share its address. */
export const deletePdpRequest = (sequence: number, session: GtpSession, teardown = true): Uint8Array =>
  message(20, session.upControlTeid, sequence, (writer) => {
    if (teardown) writer.uint8(19).uint8(0xff);
    writer.uint8(20).uint8(session.bearer);
  });

export const deletePdpResponse = (sequence: number, session: GtpSession, cause = ACCEPTED): Uint8Array =>
  message(21, session.downControlTeid, sequence, (writer) => {
    writer.uint8(1).uint8(cause);
  });
