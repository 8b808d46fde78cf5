/** DNS messages for planted captures: RFC 1035 4, with EDNS (RFC 6891) and HTTPS records (RFC 9460). */

import type { Random } from '../kit/random.ts';
import { parseAddress } from '../packet/address.ts';
import { Rcode } from '../packet/dns-codes.ts';
import { ByteWriter } from './byte-writer.ts';

const DnsType = { A: 1, CNAME: 5, AAAA: 28, OPT: 41, HTTPS: 65 } as const;
const CLASS_IN = 1;

export type DnsQuestionType = 'A' | 'AAAA' | 'HTTPS';

/** `data`: an address, or the name that is meant; `alpn` and `ech` of an HTTPS record of priority 1 for the owner itself. */
export type DnsRecord = { readonly name: string; readonly ttlS: number } & (
  | { readonly type: 'A' | 'AAAA' | 'CNAME'; readonly data: string }
  | { readonly type: 'HTTPS'; readonly alpn: readonly string[]; readonly ech?: Uint8Array }
);

export interface DnsMessage {
  readonly id: number;
  readonly name: string;
  readonly type: DnsQuestionType;
  /** Adds the OPT record that announces 4096 bytes. */
  readonly edns?: boolean;
  /** Without it the message is the question alone. */
  readonly response?: {
    readonly rcode: keyof typeof Rcode;
    readonly answers: readonly DnsRecord[];
    /** The answer did not fit: ask again over TCP. */
    readonly truncated?: boolean;
  };
}

/** Writes a name, ending in a pointer where the message holds its rest already (RFC 1035 4.1.4). */
const writeName = (writer: ByteWriter, name: string, seen: Map<string, number>): void => {
  const labels = name === '' ? [] : name.split('.');
  for (let i = 0; i < labels.length; i++) {
    const rest = labels.slice(i).join('.');
    const position = seen.get(rest);
    if (position !== undefined) {
      writer.uint16(0xc000 | position);
      return;
    }
    seen.set(rest, writer.length);
    writer.sized(1, (label) => label.text(labels[i]!));
  }
  writer.uint8(0);
};

const writeServiceParameters = (writer: ByteWriter, alpn: readonly string[], ech: Uint8Array | undefined): void => {
  // Priority 1, and the root as target: the owner itself.
  writer.uint16(1).uint8(0);
  writer.uint16(1).sized(2, (value) => {
    for (const protocol of alpn) value.sized(1, (each) => each.text(protocol));
  });
  if (ech) writer.uint16(5).sized(2, (value) => value.bytes(ech));
};

const writeRecord = (writer: ByteWriter, record: DnsRecord, seen: Map<string, number>): void => {
  writeName(writer, record.name, seen);
  writer.uint16(DnsType[record.type]).uint16(CLASS_IN).uint32(record.ttlS);
  if (record.type === 'CNAME') {
    // A name inside the data may use pointers too; its positions count from the start of the message.
    const data = new ByteWriter();
    const start = writer.length + 2;
    const inner = new Map(seen);
    writeName(data, record.data, inner);
    for (const [suffix, position] of inner) if (!seen.has(suffix)) seen.set(suffix, start + position);
    writer.uint16(data.length).bytes(data.finish());
  } else if (record.type === 'HTTPS') {
    writer.sized(2, (data) => writeServiceParameters(data, record.alpn, record.ech));
  } else writer.sized(2, (data) => data.bytes(parseAddress(record.data)!));
};

/**
 * The bytes of a message.
 *
 * @example
 * toDnsMessage({ id: 7, name: 'e1.whatsapp.net', type: 'A' })
 */
export const toDnsMessage = ({ id, name, type, edns, response }: DnsMessage): Uint8Array => {
  const writer = new ByteWriter();
  const seen = new Map<string, number>();
  // QR, TC, RD, RA of RFC 1035 4.1.1.
  const flags = response ? 0x8180 | (response.truncated ? 0x0200 : 0) | Rcode[response.rcode] : 0x0100;
  writer
    .uint16(id)
    .uint16(flags)
    .uint16(1)
    .uint16(response?.answers.length ?? 0)
    .uint16(0)
    .uint16(edns ? 1 : 0);
  writeName(writer, name, seen);
  writer.uint16(DnsType[type]).uint16(CLASS_IN);
  for (const record of response?.answers ?? []) writeRecord(writer, record, seen);
  if (edns) writer.uint8(0).uint16(DnsType.OPT).uint16(4096).uint32(0).uint16(0);
  return writer.finish();
};

/** The message with the length in front that DNS over TCP asks for (RFC 1035 4.2.2). */
export const toDnsTcpMessage = (message: Uint8Array): Uint8Array =>
  new ByteWriter().uint16(message.length).bytes(message).finish();

/** The name in a mixture of cases that makes forged answers harder to guess (draft-vixie-dnsext-dns0x20). */
export const mixCase = (name: string, random: Random): string =>
  name.replace(/[a-z]/g, (letter) => (random.chance(0.5) ? letter.toUpperCase() : letter));
