/** HalfSipHash-2-4 over 32-bit words: a keyed hash without allocation (Aumasson and Bernstein, SipHash, 32-bit variant). */

const rotate = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/**
 * A keyed 32-bit hash of a run of 32-bit words.
 *
 * Feed words with `add`, read the hash with `digest`, which also starts the next message.
 */
export class HalfSipHash {
  readonly #k0: number;
  readonly #k1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;
  #bytes = 0;

  /** `key`: at least 8 bytes, of which the first 8 are used. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.#k0 = view.getInt32(0, true);
    this.#k1 = view.getInt32(4, true);
    this.#start();
  }

  #start(): void {
    this.#v0 = this.#k0;
    this.#v1 = this.#k1;
    this.#v2 = 0x6c796765 ^ this.#k0;
    this.#v3 = 0x74656462 ^ this.#k1;
    this.#bytes = 0;
  }

  #round(): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }

  /** Adds one word; only its low 32 bits count. */
  add(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#round();
    this.#v0 ^= word;
    this.#bytes += 4;
  }

  /** The unsigned 32-bit hash of the words added since the last digest. */
  digest(): number {
    const last = (this.#bytes & 0xff) << 24;
    this.#v3 ^= last;
    this.#round();
    this.#round();
    this.#v0 ^= last;
    this.#v2 ^= 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    const hash = (this.#v1 ^ this.#v3) >>> 0;
    this.#start();
    return hash;
  }
}
