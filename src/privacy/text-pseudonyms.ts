/** Texts by interner code, with the addresses that they mention replaced by pseudonyms; each distinct text is read once. */
import { CodeCache } from '../kit/code-cache.ts';
import type { Interner } from '../kit/interner.ts';
import { formatAddress, parseAddress } from '../packet/address.ts';
import type { AddressSet } from '../packet/address-set.ts';
import { unmapIpv4 } from '../packet/mapped-address.ts';
import { formatPrefix, parsePrefix, toPrefix } from '../packet/prefix.ts';
import { addressPseudonyms, holdsAddress, isLocalBlock } from './address-pseudonyms.ts';
import type { PseudonymKey } from './key.ts';
import { type Replace, rewriteAddresses } from './rewrite-addresses.ts';

/** What a text mentions besides local addresses, which are rewritten for every row alike. */
const Mention = { NOTHING: 0, LOCAL: 1, FOREIGN_WITHIN: 2, FOREIGN_ADDRESS: 3 } as const;

/** Record data that was not understood may hold an address in hexadecimal; its type and length stay. */
const withoutHex = (text: string): string => text.replace(/^(TYPE\d+ \\# \d+) [0-9a-f]+$/, '$1');

/** The address that a text in canonical form is, and nothing else. Two such texts are equal if their addresses are. */
const plainAddress = (text: string): Uint8Array | undefined => {
  const address = parseAddress(text);
  return address !== undefined && unmapIpv4(address) === address && formatAddress(address) === text
    ? address
    : undefined;
};

export interface TextPseudonyms {
  /** The pseudonym of a text that is an address; 0 ('') for a text that is none. */
  readonly address: CodeCache;
  /** The same for an address block; its pseudonym is the block of the pseudonyms of its addresses. */
  readonly prefix: CodeCache;
  /**
   * The client of a row, from the text of its address, in the form that `mentioning` and `userAgent` take: the code of
   * the canonical address times two, plus one if it is local; 0 if the text is no address.
   */
  readonly client: CodeCache;
  /** A text with the local addresses in it replaced, and those of the row's client. */
  mentioning(code: number, client: number, interner: Interner): number;
  /** A User-Agent with the addresses of the row's client replaced; no others, for version numbers look like addresses. */
  userAgent(code: number, client: number, interner: Interner): number;
  clear(): void;
}

export const textPseudonyms = (key: PseudonymKey, localNets: AddressSet): TextPseudonyms => {
  const pseudonymOf = addressPseudonyms(key);

  const address = new CodeCache((code, interner) => {
    const bytes = parseAddress(interner.text(code));
    return bytes === undefined ? 0 : interner.code(formatAddress(pseudonymOf(bytes)));
  });

  const prefix = new CodeCache((code, interner) => {
    const block = parsePrefix(interner.text(code));
    return block === undefined ? 0 : interner.code(formatPrefix(toPrefix(pseudonymOf(block.bytes), block.length)));
  });

  const client = new CodeCache((code, interner) => {
    const bytes = parseAddress(interner.text(code));
    if (bytes === undefined) return 0;
    const bare = unmapIpv4(bytes);
    return 2 * interner.code(formatAddress(bare)) + (localNets.contains(bare) ? 1 : 0);
  });

  /** The rewritten text's code times four, plus what the text mentions. */
  const local = new CodeCache((code, interner) => {
    const text = interner.text(code);
    // Most texts that mention an address are one.
    const plain = plainAddress(text);
    if (plain !== undefined) {
      return localNets.contains(plain)
        ? 4 * interner.code(formatAddress(pseudonymOf(plain))) + Mention.LOCAL
        : 4 * code + Mention.FOREIGN_ADDRESS;
    }
    let mention: number = Mention.NOTHING;
    const rewritten = rewriteAddresses(withoutHex(text), (block) => {
      const isLocal = isLocalBlock(localNets, block);
      mention = Math.max(mention, isLocal ? Mention.LOCAL : Mention.FOREIGN_WITHIN);
      return isLocal ? pseudonymOf(block.bytes) : undefined;
    });
    return 4 * interner.code(rewritten) + mention;
  });

  /** Not kept, for it depends on two texts; it is seldom needed. */
  const rewriteFor = (code: number, clientCode: number, alsoLocal: boolean, interner: Interner): number => {
    const own = parseAddress(interner.text(clientCode))!;
    const replace: Replace = (block) =>
      holdsAddress(block, own) || (alsoLocal && isLocalBlock(localNets, block)) ? pseudonymOf(block.bytes) : undefined;
    return interner.code(rewriteAddresses(withoutHex(interner.text(code)), replace));
  };

  return {
    address,
    prefix,
    client,
    mentioning: (code, client, interner) => {
      const found = local.of(code, interner);
      const mention = found & 3;
      const clientCode = client >> 1;
      const rewritten = found >> 2;
      if (mention <= Mention.LOCAL || client === 0 || (client & 1) === 1) return rewritten;
      if (mention === Mention.FOREIGN_WITHIN) return rewriteFor(code, clientCode, true, interner);
      return code === clientCode ? address.of(code, interner) : rewritten;
    },
    userAgent: (code, client, interner) =>
      client === 0 || (local.of(code, interner) & 3) === Mention.NOTHING
        ? code
        : rewriteFor(code, client >> 1, false, interner),
    clear: () => {
      for (const cache of [address, prefix, client, local]) cache.clear();
    },
  };
};
