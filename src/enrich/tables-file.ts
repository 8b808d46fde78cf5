/** The compiled databases as bytes: written once, read back as views on one buffer. */
import { crc32 } from 'node:zlib';
import type { AddressTables } from './address-tables.ts';

/** In the byte order of the machine, which thereby is part of the format. */
const MAGIC = 0x45444e53;
/** To be raised with every change of the layout or of what the compiler does: it is part of the cache's name. */
export const TABLES_FORMAT = 1;

/** Words: magic, CRC-32 of all that follows, then the byte length of each part. */
const PARTS = 11;
const HEADER_BYTES = 4 * (2 + PARTS);

const padded = (length: number): number => (length + 3) & ~3;

export const encodeTables = ({ ipv4, ipv6, asns, orgEnds, orgText }: AddressTables): Uint8Array => {
  const parts = [
    ...[ipv4.systems, ipv4.countries, ipv6.systems, ipv6.countries].flatMap(({ starts, values }) => [starts, values]),
    asns,
    orgEnds,
    orgText,
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + padded(part.byteLength), HEADER_BYTES));
  const header = new Uint32Array(bytes.buffer, 0, 2 + PARTS);
  let at = HEADER_BYTES;
  for (const [i, part] of parts.entries()) {
    header[2 + i] = part.byteLength;
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  header[0] = MAGIC;
  header[1] = crc32(bytes.subarray(8));
  return bytes;
};

/** Views on `file`, or undefined if its bytes are not what `encodeTables` wrote. */
export const decodeTables = (file: Uint8Array): AddressTables | undefined => {
  if (file.length < HEADER_BYTES) return undefined;
  // Words can be viewed only where they are aligned: a small file may come out of the pool of Buffer.
  const bytes = file.byteOffset % 4 === 0 ? file : file.slice();
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 2 + PARTS);
  if (header[0] !== MAGIC || header[1] !== crc32(bytes.subarray(8))) return undefined;
  let at = HEADER_BYTES;
  let part = 2;
  const next = (): { readonly at: number; readonly length: number } => {
    const found = { at, length: header[part++]! };
    at += padded(found.length);
    return found;
  };
  const words = (): Uint32Array => {
    const found = next();
    return new Uint32Array(bytes.buffer, bytes.byteOffset + found.at, found.length / 4);
  };
  const steps = () => ({ starts: words(), values: words() });
  const family = () => ({ systems: steps(), countries: steps() });
  const ipv4 = family();
  const ipv6 = family();
  const asns = words();
  const orgEnds = words();
  const text = next();
  return { ipv4, ipv6, asns, orgEnds, orgText: bytes.subarray(text.at, text.at + text.length) };
};
