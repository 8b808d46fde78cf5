/** Is there a whole IP packet inside of a tunnel? What only looks like the tunnel's header must not be taken off. */
import { Header, type NextHeader } from './next-header.ts';

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
/** The next header of a packet that holds nothing (RFC 8200 4.7): Teredo opens ways through NAT with such. */
const NO_NEXT_HEADER = 59;

/** Is the header at `next` one of IP whose lengths fit into what is around it? */
export const isWholeIp = (bytes: Uint8Array, { kind, at, end, wireEnd }: NextHeader): boolean => {
  if (kind === Header.IPV4) {
    if (at + IPV4_BYTES > end || bytes[at]! >> 4 !== 4) return false;
    const headerBytes = (bytes[at]! & 0x0f) << 2;
    const ipBytes = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return headerBytes >= IPV4_BYTES && ipBytes >= headerBytes && at + ipBytes <= wireEnd;
  }
  if (at + IPV6_BYTES > end || bytes[at]! >> 4 !== 6) return false;
  const payloadBytes = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  return payloadBytes > 0 && bytes[at + 6] !== NO_NEXT_HEADER && at + IPV6_BYTES + payloadBytes <= wireEnd;
};
