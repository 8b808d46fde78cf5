/** IPv4-mapped IPv6 addresses (RFC 4291 2.5.5.2): `::ffff:192.0.2.1` is the node 192.0.2.1. */

/** Are the 16 bytes at `at` an IPv4-mapped address? Its IPv4 bytes then begin at `at + 12`. */
export const isMappedIpv4 = (bytes: Uint8Array, at: number): boolean => {
  for (let i = at; i < at + 10; i++) if (bytes[i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
};

/** The 4 bytes inside an IPv4-mapped address; any other address as it is. */
export const unmapIpv4 = (address: Uint8Array): Uint8Array =>
  address.length === 16 && isMappedIpv4(address, 0) ? address.subarray(12) : address;
