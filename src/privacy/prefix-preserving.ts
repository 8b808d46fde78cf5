/** Prefix-preserving pseudonyms of addresses (Crypto-PAn: Xu, Fan, Ammar, Moon, ICNP 2002), for IPv4 and IPv6. */
import { createCipheriv } from 'node:crypto';

const BLOCK = 16;

/**
 * A map from addresses onto addresses of the same family, one to one, in which two addresses share as many leading
 * bits after as before.
 *
 * Bit i of the pseudonym is bit i of the address, flipped by the first bit of AES(first i bits of the address, then
 * the pad from its bit i on). What is encrypted for each bit depends on the address alone, so all 32 or 128 blocks go
 * through the cipher in one call.
 *
 * @param secret 16 bytes of AES-128 key, then 16 bytes whose encryption is the pad
 */
export const prefixPreserving = (secret: Uint8Array): ((address: Uint8Array) => Uint8Array) => {
  const cipher = createCipheriv('aes-128-ecb', secret.subarray(0, 16), null).setAutoPadding(false);
  const pad = cipher.update(secret.subarray(16, 32));
  const padded = (bits: number): Uint8Array => {
    const blocks = new Uint8Array(BLOCK * bits);
    for (let at = 0; at < blocks.length; at += BLOCK) blocks.set(pad, at);
    return blocks;
  };
  const blocks4 = padded(32);
  const blocks6 = padded(128);

  return (address) => {
    const { length } = address;
    const blocks = length === 4 ? blocks4 : blocks6;
    for (let bit = 0; bit < 8 * length; bit++) {
      const at = BLOCK * bit;
      const whole = bit >> 3;
      const mask = 0xff00 >> (bit & 7);
      for (let i = 0; i < whole; i++) blocks[at + i] = address[i]!;
      blocks[at + whole] = (address[whole]! & mask) | (pad[whole]! & ~mask);
    }
    const encrypted = cipher.update(blocks);
    const pseudonym = address.slice();
    for (let bit = 0; bit < 8 * length; bit++) {
      pseudonym[bit >> 3]! ^= (encrypted[BLOCK * bit]! >> 7) << (7 - (bit & 7));
    }
    return pseudonym;
  };
};
