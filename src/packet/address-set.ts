/** A set of addresses given as blocks: the local nets of a vantage. */
import { SondeError } from '../kit/errors.ts';
import { wordAt } from './address.ts';
import { isMappedIpv4 } from './mapped-address.ts';
import { formatPrefix, type Prefix, parsePrefix, prefixesOverlap } from './prefix.ts';

/** The bits of a 32-bit word that the first `length` bits of a block cover. */
const maskOf = (length: number): number => (length === 0 ? 0 : -1 << (32 - length));

/**
 * Answers by a walk over the blocks: local nets are few, and a walk over ten words beats a search.
 *
 * An IPv4-mapped IPv6 address belongs to the set if its IPv4 address does.
 */
export class AddressSet {
  readonly prefixes: readonly Prefix[];
  /** Pairs of base and mask. */
  readonly #ipv4: Int32Array;
  /** Eights: four words of base, four of mask. */
  readonly #ipv6: Int32Array;

  constructor(prefixes: readonly Prefix[]) {
    this.prefixes = prefixes;
    this.#ipv4 = Int32Array.from(
      prefixes
        .filter(({ bytes }) => bytes.length === 4)
        .flatMap(({ bytes, length }) => [wordAt(bytes, 0), maskOf(length)]),
    );
    this.#ipv6 = Int32Array.from(
      prefixes
        .filter(({ bytes }) => bytes.length === 16)
        .flatMap(({ bytes, length }) => [
          ...[0, 4, 8, 12].map((at) => wordAt(bytes, at)),
          ...[0, 32, 64, 96].map((bit) => maskOf(Math.min(32, Math.max(0, length - bit)))),
        ]),
    );
  }

  /** @param word the address in network order; the sign does not matter */
  containsIpv4(word: number): boolean {
    const nets = this.#ipv4;
    for (let i = 0; i < nets.length; i += 2) if (((word ^ nets[i]!) & nets[i + 1]!) === 0) return true;
    return false;
  }

  /** @param length 4 or 16, the bytes of the address at `at` */
  contains(bytes: Uint8Array, at = 0, length = bytes.length): boolean {
    if (length === 4) return this.containsIpv4(wordAt(bytes, at));
    if (isMappedIpv4(bytes, at)) return this.containsIpv4(wordAt(bytes, at + 12));
    const a = wordAt(bytes, at);
    const b = wordAt(bytes, at + 4);
    const c = wordAt(bytes, at + 8);
    const d = wordAt(bytes, at + 12);
    const nets = this.#ipv6;
    for (let i = 0; i < nets.length; i += 8) {
      const difference =
        ((a ^ nets[i]!) & nets[i + 4]!) |
        ((b ^ nets[i + 1]!) & nets[i + 5]!) |
        ((c ^ nets[i + 2]!) & nets[i + 6]!) |
        ((d ^ nets[i + 3]!) & nets[i + 7]!);
      if (difference === 0) return true;
    }
    return false;
  }

  /** Does any address of the block belong to the set? */
  overlaps(prefix: Prefix): boolean {
    return this.prefixes.some((own) => prefixesOverlap(own, prefix));
  }

  /** The blocks as text, in the order given. */
  toString(): string {
    return this.prefixes.map(formatPrefix).join(',');
  }
}

/**
 * The set of the blocks in text; an address alone is a block of one.
 *
 * @throws SondeError SONDE_USAGE for a text that is no block
 * @example
 * parseNets(['10.0.0.0/8', 'fc00::/7']).contains(parseAddress('10.1.2.3')!) // true
 */
export const parseNets = (nets: readonly string[]): AddressSet =>
  new AddressSet(
    nets.map((net) => {
      const prefix = parsePrefix(net.trim());
      if (prefix !== undefined) return prefix;
      throw new SondeError(
        'SONDE_USAGE',
        'not an address block',
        { net },
        'write blocks as 10.0.0.0/8 or fc00::/7, with no bit set after the prefix',
      );
    }),
  );

/** Private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local (RFC 3927, RFC 4291 2.5.6) addresses. Loopback is not a subscriber's. */
export const defaultLocalNets: AddressSet = parseNets([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);
