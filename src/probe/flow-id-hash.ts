/** The second half of flow ids: a keyed hash, distinct for flows of one 5-tuple that start in the same microsecond. */
import { HalfSipHash } from '../kit/half-sip-hash.ts';
import type { AddressTable } from '../packet/address-table.ts';
import { FlowBit, protocolOf, RECORD_WORDS, tunnelOf, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/** Ids of one start time that are remembered, to count equal starts. */
const MAX_EQUAL_STARTS = 1 << 16;

export class FlowIdHash {
  readonly #addresses: AddressTable;
  readonly #hash: HalfSipHash;
  readonly #vantageWord: number;
  /** The first hash of the latest start, and those after it: few starts have a second. */
  #first = 0;
  readonly #equalStarts = new Set<number>();
  #equalStartsAt = Number.NaN;

  /** `key`: at least 8 bytes. */
  constructor(key: Uint8Array, vantage: string, addresses: AddressTable) {
    this.#addresses = addresses;
    this.#hash = new HalfSipHash(key);
    for (const character of vantage) this.#hash.add(character.codePointAt(0)!);
    this.#vantageWord = this.#hash.digest();
  }

  /** The hash of a flow that starts at `at`, microseconds; its addresses, ports, protocol and tunnel are in its record. */
  of(flows: FlowTable, flow: number, at: number): number {
    const isNew = at !== this.#equalStartsAt || this.#equalStarts.size === MAX_EQUAL_STARTS;
    if (isNew) {
      this.#equalStartsAt = at;
      if (this.#equalStarts.size > 0) this.#equalStarts.clear();
    }
    const { words } = flows;
    const w = flow * RECORD_WORDS;
    const bits = words[w + Word.BITS]!;
    const isV6 = (bits & FlowBit.V6) !== 0;
    const hash = this.#hash;
    for (let equalStarts = 0; ; equalStarts++) {
      hash.add(this.#vantageWord);
      this.#addAddress(words[w + Word.CLIENT]!, isV6);
      this.#addAddress(words[w + Word.SERVER]!, isV6);
      hash.add(words[w + Word.PORTS]!);
      hash.add(protocolOf(bits));
      hash.add(tunnelOf(words[w + Word.ENVELOPE]!));
      hash.add(at | 0);
      hash.add(Math.floor(at / 0x1_0000_0000));
      hash.add(equalStarts);
      const digest = hash.digest();
      if (isNew) {
        this.#first = digest;
        return digest | 0;
      }
      if (digest !== this.#first && !this.#equalStarts.has(digest)) {
        this.#equalStarts.add(digest);
        return digest | 0;
      }
    }
  }

  checkpoint() {
    return { first: this.#first, equalStarts: this.#equalStarts, equalStartsAt: this.#equalStartsAt };
  }

  restore({ first, equalStarts, equalStartsAt }: ReturnType<FlowIdHash['checkpoint']>): void {
    this.#first = first;
    for (const hash of equalStarts) this.#equalStarts.add(hash);
    this.#equalStartsAt = equalStartsAt;
  }

  /** `address` as records have it. */
  #addAddress(address: number, isV6: boolean): void {
    if (!isV6) this.#hash.add(address);
    else for (let i = 0; i < 4; i++) this.#hash.add(this.#addresses.word(address, i));
  }
}
