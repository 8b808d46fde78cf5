/** Opens the Initial packets of the end that began a QUIC connection, whatever became of its connection id since (RFC 9001 5.2). */
import type { QuicHeader } from '../packet/quic-header.ts';
import { deriveInitialKeys, type InitialKeys, openInitial } from '../packet/quic-initial.ts';
import { quicVersionOf } from '../packet/quic-version.ts';

const NO_DESTINATION = Buffer.alloc(0);

export class InitialOpener {
  /** Of the packet opened first, or anew; 0 before that. */
  #versionWord = 0;
  #destination = NO_DESTINATION;
  #keys: InitialKeys | undefined;

  /**
   * The payload of the Initial packet at `at`, whose header is decoded and which is whole. Keys are kept for the next:
   * one connection costs one derivation.
   *
   * @returns undefined if it cannot be opened; that costs two derivations at most
   */
  open(bytes: Uint8Array, at: number, header: QuicHeader): Uint8Array | undefined {
    const { versionWord, destinationAt, destinationBytes } = header;
    const destination = bytes.subarray(destinationAt, destinationAt + destinationBytes);
    const isSameVersion = versionWord === this.#versionWord;
    if (isSameVersion) {
      this.#keys ??= keysOf(versionWord, this.#destination);
      const payload = this.#keys && openInitial(this.#keys, bytes, at, header);
      if (payload !== undefined || this.#destination.equals(destination)) return payload;
    }
    // The first packet, or the first after a Retry or a version negotiation.
    const payload = this.#openAnew(destination, bytes, at, header);
    if (payload !== undefined || isSameVersion || this.#versionWord === 0) return payload;
    // The server may have changed the version of the connection that there is (RFC 9368 2.3).
    return this.#openAnew(this.#destination, bytes, at, header);
  }

  #openAnew(destination: Uint8Array, bytes: Uint8Array, at: number, header: QuicHeader): Uint8Array | undefined {
    const keys = keysOf(header.versionWord, destination);
    const payload = keys && openInitial(keys, bytes, at, header);
    if (payload === undefined) return undefined;
    this.#versionWord = header.versionWord;
    this.#destination = Buffer.from(destination);
    this.#keys = keys;
    return payload;
  }

  checkpoint() {
    return { versionWord: this.#versionWord, destination: this.#destination };
  }

  static restored({ versionWord, destination }: ReturnType<InitialOpener['checkpoint']>): InitialOpener {
    const opener = new InitialOpener();
    opener.#versionWord = versionWord;
    opener.#destination = Buffer.from(destination);
    return opener;
  }
}

const keysOf = (versionWord: number, destination: Uint8Array): InitialKeys | undefined => {
  const version = quicVersionOf(versionWord);
  return version && deriveInitialKeys(version, destination);
};
