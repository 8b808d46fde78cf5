/** Which addresses are somebody's, and what stands in for them. */
import type { AddressSet } from '../packet/address-set.ts';
import { unmapIpv4 } from '../packet/mapped-address.ts';
import { type Prefix, prefixesOverlap } from '../packet/prefix.ts';
import { deriveKey, type PseudonymKey } from './key.ts';
import { prefixPreserving } from './prefix-preserving.ts';

/** An IPv4-mapped block as the IPv4 block it is; a block that holds more than mapped addresses stays. */
const unmapBlock = (block: Prefix): Prefix => {
  const bytes = unmapIpv4(block.bytes);
  return bytes === block.bytes || block.length < 96 ? block : { bytes, length: block.length - 96 };
};

/** Does the block hold an address of the local nets? */
export const isLocalBlock = (localNets: AddressSet, block: Prefix): boolean => localNets.overlaps(unmapBlock(block));

/** @param address not IPv4-mapped */
export const holdsAddress = (block: Prefix, address: Uint8Array): boolean =>
  prefixesOverlap(unmapBlock(block), { bytes: address, length: 8 * address.length });

/**
 * Prefix-preserving pseudonyms under a key. An IPv4-mapped address holds the pseudonym of its IPv4 address, so that a
 * node is one node in both writings.
 */
export const addressPseudonyms = (key: PseudonymKey): ((address: Uint8Array) => Uint8Array) => {
  const pseudonymOf = prefixPreserving(deriveKey(key, 'address'));
  return (address) => {
    const bare = unmapIpv4(address);
    if (bare === address) return pseudonymOf(address);
    const mapped = address.slice();
    mapped.set(pseudonymOf(bare), 12);
    return mapped;
  };
};
