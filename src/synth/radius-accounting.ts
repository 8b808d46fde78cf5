/** RADIUS Accounting-Requests of planted sessions (RFC 2866, 3GPP's attributes of TS 29.061 16.4.7). */
import { ByteWriter } from './byte-writer.ts';
import { addressBytes } from './gtp.ts';

export interface PlantedAccounting {
  readonly sessionId: string;
  /** Address of the device that reports. */
  readonly nas: string;
  readonly imsi?: string;
  readonly imeisv?: string;
  readonly callingStationId?: string;
  readonly userName?: string;
  readonly apn?: string;
  readonly rat?: number;
  readonly location?: Uint8Array;
  /** Digits of the serving network: `23201`. */
  readonly sgsnMccMnc?: string;
  readonly sgsn?: string;
  readonly ipv4?: string;
  /** First address of a /64. */
  readonly ipv6Prefix?: string;
  readonly delayS?: number;
  readonly sessionS?: number;
}

const statuses = { start: 1, stop: 2, interim: 3 } as const;
const VENDOR_3GPP = 10415;

/** One request; its authenticator is none, for a probe has no secret to check it with. */
export const accountingRequest = (
  status: keyof typeof statuses,
  identifier: number,
  session: PlantedAccounting,
): Uint8Array => {
  const attributes = new ByteWriter();
  const add = (type: number, value: Iterable<number> | undefined): void => {
    const bytes = value === undefined ? [] : [...value];
    if (bytes.length > 0)
      attributes
        .uint8(type)
        .uint8(2 + bytes.length)
        .bytes(bytes);
  };
  const text = (value: string | undefined) => (value === undefined ? undefined : Buffer.from(value));
  const address = (value: string | undefined) => (value === undefined ? undefined : addressBytes(value));
  const word = (value: number | undefined) =>
    value === undefined ? undefined : new ByteWriter().uint32(value).finish();
  const add3gpp = (type: number, value: Iterable<number> | undefined): void => {
    const bytes = value === undefined ? [] : [...value];
    if (bytes.length === 0) return;
    add(
      26,
      new ByteWriter()
        .uint32(VENDOR_3GPP)
        .uint8(type)
        .uint8(2 + bytes.length)
        .bytes(bytes)
        .finish(),
    );
  };
  add(40, word(statuses[status]));
  add(44, text(session.sessionId));
  add(4, address(session.nas));
  add(1, text(session.userName));
  add(31, text(session.callingStationId));
  add(30, text(session.apn));
  add(8, address(session.ipv4));
  add(97, session.ipv6Prefix === undefined ? undefined : [0, 64, ...addressBytes(session.ipv6Prefix).subarray(0, 8)]);
  add(41, word(session.delayS));
  add(46, word(session.sessionS));
  add3gpp(1, text(session.imsi));
  add3gpp(6, address(session.sgsn));
  add3gpp(18, text(session.sgsnMccMnc));
  add3gpp(20, text(session.imeisv));
  add3gpp(21, session.rat === undefined ? undefined : [session.rat]);
  add3gpp(22, session.location);
  const bytes = attributes.finish();
  return new ByteWriter()
    .uint8(4)
    .uint8(identifier)
    .uint16(20 + bytes.length)
    .bytes(new Uint8Array(16))
    .bytes(bytes)
    .finish();
};
