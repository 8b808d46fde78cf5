/** Packets of QUIC as a client and a server write them: Initial packets that truly hide their frames, the others opaque (RFC 9000 17). */
import type { Random } from '../kit/random.ts';
import { deriveInitialKeys, sealInitial, TAG_BYTES } from '../packet/quic-initial.ts';
import { type QuicVersion, quicVersionOf } from '../packet/quic-version.ts';
import { ByteWriter } from './byte-writer.ts';

export const QUIC_1 = 1;
export const QUIC_2 = 0x6b3343cf;

/** What a client's datagram with an Initial packet is filled up to at least (RFC 9000 14.1). */
export const MIN_DATAGRAM_BYTES = 1200;

export interface InitialPacket {
  readonly version?: number;
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly token?: Uint8Array;
  readonly number?: number;
  /** See `toCryptoFrame` and `toAckFrame`; padding follows them. */
  readonly frames: Uint8Array;
  /** Bytes of the packet. */
  readonly bytes?: number;
  /** The destination of the client's first Initial packet, from which the keys are, if it is not that of this packet. */
  readonly firstDestination?: Uint8Array;
}

/** RFC 9000 16, in two bytes or four. */
const varint = (writer: ByteWriter, value: number): ByteWriter =>
  value < 0x4000 ? writer.uint16(0x4000 | value) : writer.uint32(0x8000_0000 + value);

/** A piece of the handshake, the bytes [offset, offset + data.length) of its stream. */
export const toCryptoFrame = (offset: number, data: Uint8Array): Uint8Array =>
  varint(varint(new ByteWriter().uint8(6), offset), data.length)
    .bytes(data)
    .finish();

/** Acknowledges the packets 0 to `largest`. */
export const toAckFrame = (largest: number): Uint8Array => Uint8Array.of(2, largest, 0, 0, largest);

type LongType = 'initial' | 'handshake';

const startLong = (type: LongType, version: number, destination: Uint8Array, source: Uint8Array): ByteWriter => {
  const bits = { initial: 0, handshake: 2 }[type] + (version === QUIC_2 ? 1 : 0);
  // Packet numbers of two bytes.
  return new ByteWriter()
    .uint8(0xc1 | (bits << 4))
    .uint32(version)
    .sized(1, (id) => id.bytes(destination))
    .sized(1, (id) => id.bytes(source));
};

/** An Initial packet of a client. */
export const toClientInitial = (packet: InitialPacket): Uint8Array => {
  const { version = QUIC_1, destination, source, token = [], number = 0, frames, bytes = MIN_DATAGRAM_BYTES } = packet;
  const writer = startLong('initial', version, destination, source);
  varint(writer, [...token].length).bytes(token);
  const lengthAt = writer.length;
  const restBytes = Math.max(frames.length + 2 + TAG_BYTES, bytes - lengthAt - 2);
  const header = varint(writer, restBytes).uint16(number).finish();
  const payload = new Uint8Array(restBytes - 2 - TAG_BYTES);
  payload.set(frames);
  const keys = deriveInitialKeys(quicVersionOf(version) as QuicVersion, packet.firstDestination ?? destination)!;
  return sealInitial(keys, header, 2, payload);
};

/** A packet of a given size of which nobody but the peer can read more than the header. */
export const toOpaqueLong = (
  type: LongType,
  destination: Uint8Array,
  source: Uint8Array,
  bytes: number,
  random: Random,
): Uint8Array => {
  const writer = startLong(type, QUIC_1, destination, source);
  if (type === 'initial') varint(writer, 0);
  const restBytes = bytes - writer.length - 2;
  return varint(writer, restBytes).bytes(random.bytes(restBytes)).finish();
};

/** The header of a packet under the final keys, its number and its tag. */
export const toShortHead = (destination: Uint8Array, spin: number, number: number): Uint8Array =>
  new ByteWriter()
    .uint8(0x41 | (spin << 5))
    .bytes(destination)
    .uint16(number & 0xffff)
    .bytes(new Uint8Array(TAG_BYTES))
    .finish();
