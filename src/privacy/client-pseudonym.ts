/** Pseudonyms of subscribers. */
import { createHmac } from 'node:crypto';
import { deriveKey, type PseudonymKey } from './key.ts';

/**
 * 'c' and 16 hex characters of HMAC-SHA-256 over the identity in text: an address, or what a session says (IMSI,
 * MSISDN).
 *
 * @example
 * const pseudonymOf = clientPseudonym(loadKey());
 * pseudonymOf('10.0.0.1') // 'c4f0c2a9d1be60357'
 */
export const clientPseudonym = (key: PseudonymKey): ((identity: string) => string) => {
  const secret = deriveKey(key, 'subscriber');
  return (identity) => `c${createHmac('sha256', secret).update(identity).digest('hex').slice(0, 16)}`;
};
