/** GTPv2-C messages of planted sessions, as on the interface S5: sessions created, modified, deleted (TS 29.274 7.2). */
import { ByteWriter } from './byte-writer.ts';
import { addressBytes, type GtpSession, toAccessPoint, toBcd } from './gtp.ts';

const ACCEPTED = 16;
const PIGGYBACK = 0x10;

/** Interface types of S5 (TS 29.274 8.22). */
const S5 = { accessUser: 4, networkUser: 5, accessControl: 6, networkControl: 7 } as const;

const message = (type: number, teid: number, sequence: number, elements: (writer: ByteWriter) => void): Uint8Array => {
  const body = new ByteWriter().uint32(teid).uint24(sequence).uint8(0);
  elements(body);
  const bytes = body.finish();
  return new ByteWriter().uint8(0x48).uint8(type).uint16(bytes.length).bytes(bytes).finish();
};

const element = (writer: ByteWriter, type: number, value: Iterable<number>, instance = 0): ByteWriter => {
  const bytes = [...value];
  return writer.uint8(type).uint16(bytes.length).uint8(instance).bytes(bytes);
};

const end = (writer: ByteWriter, kind: number, teid: number, node: string, instance = 0): ByteWriter => {
  const address = addressBytes(node);
  const flag = address.length === 4 ? 0x80 : 0x40;
  const value = new ByteWriter()
    .uint8(flag | kind)
    .uint32(teid)
    .bytes(address);
  return element(writer, 87, value.finish(), instance);
};

const bearer = (writer: ByteWriter, content: (inner: ByteWriter) => void): ByteWriter => {
  const inner = new ByteWriter();
  content(inner);
  return element(writer, 93, inner.finish());
};

/** Type, then length of prefix and address of IPv6, then IPv4 (8.14). */
const userAddress = ({ ipv4, ipv6 }: GtpSession): number[] => {
  const ipv6Part = ipv6 === undefined ? [] : [64, ...addressBytes(ipv6)];
  const ipv4Part = ipv4 === undefined ? [] : [...addressBytes(ipv4)];
  return [ipv6 === undefined ? 1 : ipv4 === undefined ? 2 : 3, ...ipv6Part, ...ipv4Part];
};

const place = (writer: ByteWriter, { rat, location }: GtpSession): void => {
  if (location !== undefined) element(writer, 86, location);
  if (rat !== undefined) element(writer, 82, [rat]);
};

const cause = (writer: ByteWriter, value: number): ByteWriter => element(writer, 2, [value, 0]);

export const createSessionRequest = (sequence: number, session: GtpSession): Uint8Array =>
  message(32, 0, sequence, (writer) => {
    element(writer, 1, toBcd(session.imsi));
    if (session.msisdn !== undefined) element(writer, 76, toBcd(session.msisdn));
    if (session.imei !== undefined) element(writer, 75, toBcd(session.imei));
    place(writer, session);
    end(writer, S5.accessControl, session.downControlTeid, session.accessNode);
    if (session.apn !== undefined) element(writer, 71, toAccessPoint(session.apn));
    element(writer, 79, [1, 0, 0, 0, 0]);
    bearer(writer, (inner) => {
      element(inner, 73, [session.bearer]);
      end(inner, S5.accessUser, session.downTeid, session.accessNode, 2);
    });
  });

export const createSessionResponse = (sequence: number, session: GtpSession, value = ACCEPTED): Uint8Array =>
  message(33, session.downControlTeid, sequence, (writer) => {
    cause(writer, value);
    if (value !== ACCEPTED) return;
    end(writer, S5.networkControl, session.upControlTeid, session.networkNode, 1);
    element(writer, 79, userAddress(session));
    bearer(writer, (inner) => {
      element(inner, 73, [session.bearer]);
      cause(inner, value);
      end(inner, S5.networkUser, session.upTeid, session.networkNode, 2);
    });
  });

/** Tells the network of a new access node, tunnel or place: `session` as it is to be. */
export const modifyBearerRequest = (sequence: number, session: GtpSession): Uint8Array =>
  message(34, session.upControlTeid, sequence, (writer) => {
    place(writer, session);
    end(writer, S5.accessControl, session.downControlTeid, session.accessNode);
    bearer(writer, (inner) => {
      element(inner, 73, [session.bearer]);
      end(inner, S5.accessUser, session.downTeid, session.accessNode, 1);
    });
  });

export const modifyBearerResponse = (sequence: number, session: GtpSession, value = ACCEPTED): Uint8Array =>
  message(35, session.downControlTeid, sequence, (writer) => {
    cause(writer, value);
  });

/** A further bearer of the session: the network's end of it. */
export const createBearerRequest = (sequence: number, session: GtpSession, upTeid: number): Uint8Array =>
  message(95, session.downControlTeid, sequence, (writer) => {
    element(writer, 73, [session.bearer]);
    bearer(writer, (inner) => {
      element(inner, 73, [0]);
      end(inner, S5.networkUser, upTeid, session.networkNode, 1);
    });
  });

export const createBearerResponse = (
  sequence: number,
  session: GtpSession,
  added: { readonly bearer: number; readonly upTeid: number; readonly downTeid: number },
  value = ACCEPTED,
): Uint8Array =>
  message(96, session.upControlTeid, sequence, (writer) => {
    cause(writer, value);
    bearer(writer, (inner) => {
      element(inner, 73, [added.bearer]);
      cause(inner, value);
      end(inner, S5.accessUser, added.downTeid, session.accessNode, 2);
      end(inner, S5.networkUser, added.upTeid, session.networkNode, 3);
    });
  });

/** Ends one bearer, or the session with the one that stands for it. */
export const deleteBearerRequest = (sequence: number, session: GtpSession, id: number): Uint8Array =>
  message(99, session.downControlTeid, sequence, (writer) => {
    element(writer, 73, [id], id === session.bearer ? 0 : 1);
  });

export const deleteBearerResponse = (sequence: number, session: GtpSession, value = ACCEPTED): Uint8Array =>
  message(100, session.upControlTeid, sequence, (writer) => {
    cause(writer, value);
  });

export const deleteSessionRequest = (sequence: number, session: GtpSession): Uint8Array =>
  message(36, session.upControlTeid, sequence, (writer) => {
    element(writer, 73, [session.bearer]);
  });

export const deleteSessionResponse = (sequence: number, session: GtpSession, value = ACCEPTED): Uint8Array =>
  message(37, session.downControlTeid, sequence, (writer) => {
    cause(writer, value);
  });

/** Two messages in one datagram, the second riding on the first. */
export const piggyback = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const joined = Uint8Array.from([...first, ...second]);
  joined[0]! |= PIGGYBACK;
  return joined;
};
