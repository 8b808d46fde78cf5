/** A TCP payload that is nothing but a TLS alert (RFC 8446 6): the good-bye of a connection that is over. */

const ALERT = 21;
const APPLICATION_DATA = 23;
const RECORD_HEADER_BYTES = 5;
/** Level and description, and what ciphers of TLS 1.2 add: 16 bytes of tag or 20 of MAC, nonce, padding to 16 bytes. */
const MAX_ALERT_BYTES = 64;
/** Level, description, the true content type, and a tag of 16 bytes (RFC 8446 5.2): without padding, as everybody sends it. */
const HIDDEN_ALERT_BYTES = 19;

/** Is [start, end), `payloadBytes` of which were on the wire, one alert record? TLS 1.3 hides alerts: its length betrays it. */
export const isTlsAlert = (bytes: Uint8Array, start: number, end: number, payloadBytes: number): boolean => {
  if (end - start < RECORD_HEADER_BYTES || bytes[start + 1] !== 3) return false;
  const length = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  if (payloadBytes !== RECORD_HEADER_BYTES + length) return false;
  return bytes[start] === ALERT
    ? length <= MAX_ALERT_BYTES
    : bytes[start] === APPLICATION_DATA && length === HIDDEN_ALERT_BYTES;
};
