/** Puts fragmented datagrams together: a bounded table, aged in packet time. */
import {
  addPiece,
  CONTENT_AT,
  type Datagram,
  isWhole,
  LEAST_BYTES,
  newDatagram,
  PEER_ADDRESS_BYTES,
} from './datagram.ts';
import { FrameReason } from './frame-reason.ts';
import type { Layers } from './layers.ts';

/** A datagram that is not whole after this long is given up (RFC 8200 4.5 allows 60 s; hosts wait half of that). */
const MAX_AGE_US = 30e6;
const MAX_DATAGRAMS = 4096;
const MAX_HELD_BYTES = 32 << 20;
const MAX_SPARE = 16;

export interface FragmentsState {
  readonly datagrams: readonly Datagram[];
  readonly givenUp: readonly Datagram[];
}

export class Fragments {
  /** By key, in the order of their first fragments. */
  #datagrams = new Map<string, Datagram>();
  #heldBytes = 0;
  /** Datagrams that will not become whole and whose first fragment came, to be taken by `readGivenUp`. */
  #givenUp: Datagram[] = [];
  /** Buffers of datagrams that became whole: to allocate one costs as much as all the rest. */
  readonly #spare: Uint8Array[] = [];

  /** When the oldest datagram is to be given up; Infinity if there is none. */
  get dueAt(): number {
    for (const { firstAt } of this.#datagrams.values()) return firstAt + MAX_AGE_US;
    return Number.POSITIVE_INFINITY;
  }

  /** Datagrams that are not whole. */
  get size(): number {
    return this.#datagrams.size;
  }

  /**
   * Takes the fragment that `layers` just read, at packet time `at`. If its datagram is whole now, `layers` reads that.
   *
   * @returns as `Layers.decode` does; IP_FRAGMENT while the datagram is not whole
   */
  read(layers: Layers, at: number): number {
    for (;;) {
      const datagram = this.#add(layers, at);
      if (datagram === undefined) return FrameReason.IP_FRAGMENT;
      const reason = layers.decodeDatagram(datagram);
      // A fragment inside of a tunnel that came in fragments itself.
      if (reason !== FrameReason.IP_FRAGMENT) return reason;
    }
  }

  /** The datagram of the fragment, if it became whole. */
  #add(layers: Layers, at: number): Datagram | undefined {
    const key = keyOf(layers);
    let datagram = this.#datagrams.get(key);
    if (datagram !== undefined && at - datagram.firstAt > MAX_AGE_US) {
      this.#giveUp(datagram);
      datagram = undefined;
    }
    if (datagram === undefined) {
      datagram = newDatagram(key, layers.v6, at, this.#buffer());
      this.#datagrams.set(key, datagram);
      this.#heldBytes += datagram.bytes.length;
    }
    datagram.lastAt = Math.max(datagram.lastAt, at);
    datagram.packets += layers.packets;
    datagram.ipBytes += layers.ipBytes;
    const heldBytes = datagram.bytes.length;
    const isSane = addFragment(datagram, layers);
    this.#heldBytes += datagram.bytes.length - heldBytes;
    if (isWhole(datagram)) {
      this.#remove(datagram);
      if (datagram.bytes.length === LEAST_BYTES && this.#spare.length < MAX_SPARE) this.#spare.push(datagram.bytes);
      return datagram;
    }
    if (!isSane) this.#giveUp(datagram);
    while (this.#datagrams.size > MAX_DATAGRAMS || this.#heldBytes > MAX_HELD_BYTES) {
      this.#giveUp(this.#datagrams.values().next().value!);
    }
    return undefined;
  }

  /** A buffer for a new datagram, not the latest spare one: what is being read may stand in that. */
  #buffer(): Uint8Array {
    return this.#spare.length > 1 ? this.#spare.shift()! : new Uint8Array(LEAST_BYTES);
  }

  #remove(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#heldBytes -= datagram.bytes.length;
  }

  #giveUp(datagram: Datagram): void {
    this.#remove(datagram);
    if (datagram.hasFirst) this.#givenUp.push(datagram);
  }

  /** Gives up what is too old at packet time `at`; Infinity stands for the end of the input. */
  expire(at: number): void {
    // All of them: one whose clock was broken may stand before others with its first fragment in the future.
    for (const datagram of this.#datagrams.values()) if (at - datagram.firstAt > MAX_AGE_US) this.#giveUp(datagram);
  }

  /**
   * Has `layers` read the next datagram that was given up, as far as it came, from its first fragment on.
   *
   * @returns packet time of its latest fragment; NaN if there is none more
   */
  readGivenUp(layers: Layers): number {
    for (let datagram = this.#givenUp.shift(); datagram !== undefined; datagram = this.#givenUp.shift()) {
      let reason = layers.decodeDatagram(datagram);
      if (reason === FrameReason.IP_FRAGMENT) reason = this.read(layers, datagram.lastAt);
      if (reason === FrameReason.OK) return datagram.lastAt;
    }
    return Number.NaN;
  }

  checkpoint(): FragmentsState {
    return { datagrams: [...this.#datagrams.values()], givenUp: this.#givenUp };
  }

  restore({ datagrams, givenUp }: FragmentsState): void {
    this.#datagrams = new Map(datagrams.map((datagram) => [datagram.key, datagram]));
    this.#heldBytes = datagrams.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#givenUp = [...givenUp];
  }
}

/** Fragments belong together that share addresses, identification, protocol (IPv4), and the tunnels they are in. */
const keyOf = (layers: Layers): string => {
  const { bytes, v6, sourceAt, destinationAt, fragmentId, protocol, tunnel, teid } = layers;
  let key = `${v6 ? '' : protocol} ${fragmentId} ${tunnel} ${teid} `;
  const addressBytes = v6 ? 16 : 4;
  for (let i = 0; i < addressBytes; i += 2) {
    key += String.fromCharCode(
      (bytes[sourceAt + i]! << 8) | bytes[sourceAt + i + 1]!,
      (bytes[destinationAt + i]! << 8) | bytes[destinationAt + i + 1]!,
    );
  }
  return key;
};

/** Adds what `layers` read. False if the datagram is past hope; a fragment that contradicts others adds nothing. */
const addFragment = (datagram: Datagram, layers: Layers): boolean => {
  const from = layers.fragmentOffset;
  const to = from + layers.payloadBytes;
  const { total, extent } = datagram;
  const isLast = !layers.moreFragments;
  const contradicts = total < 0 ? isLast && to < extent : to > total || (isLast && to < total);
  if (contradicts) return true;
  if (isLast) datagram.total = to;
  if (from === 0 && !datagram.hasFirst) keepHeader(datagram, layers);
  const captured = from + layers.payloadEnd - layers.payloadStart;
  return addPiece(datagram, from, to, captured, layers.bytes, layers.payloadStart);
};

/** Keeps of the first fragment what is not the same in all of them. */
const keepHeader = (datagram: Datagram, layers: Layers): void => {
  const { bytes, ipAt, v6, gtpSourceAt, gtpDestinationAt } = layers;
  const headerBytes = v6 ? 40 : (bytes[ipAt]! & 0x0f) << 2;
  datagram.bytes.set(bytes.subarray(ipAt, ipAt + headerBytes), CONTENT_AT - headerBytes);
  if (layers.teid !== 0) {
    const addressBytes = layers.gtpV6 ? PEER_ADDRESS_BYTES : 4;
    datagram.bytes.set(bytes.subarray(gtpSourceAt, gtpSourceAt + addressBytes), 0);
    datagram.bytes.set(bytes.subarray(gtpDestinationAt, gtpDestinationAt + addressBytes), PEER_ADDRESS_BYTES);
  }
  datagram.hasFirst = true;
  datagram.headerBytes = headerBytes;
  datagram.protocol = layers.protocol;
  datagram.ttl = layers.ttl;
  datagram.vlan = layers.vlan;
  datagram.tunnel = layers.tunnel;
  datagram.teid = layers.teid;
  datagram.gtpV6 = layers.gtpV6;
};
