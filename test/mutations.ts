/** Damages captures: bytes flipped, packets cut, doubled, spliced, moved in time, and records that lie about themselves. */
import type { Random } from '../src/kit/random.ts';

/** A packet and what its record says of it, which need not be true. */
export interface Packet {
  /** UTC microseconds. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Length on the wire. */
  readonly original: number;
}

export interface Capture {
  readonly name: string;
  readonly linkType: number;
  readonly packets: readonly Packet[];
}

type Mutation = (packets: Packet[], random: Random, strangers: readonly Packet[]) => void;

/** Values at which counts, lengths and codes are on an edge. */
const edges = [0, 1, 3, 4, 5, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

const indexIn = (packets: readonly Packet[], random: Random): number => random.between(0, packets.length - 1);

/** Headers and the first message stand in front, so most of the damage goes there. */
const placeIn = ({ bytes }: Packet, random: Random): number =>
  random.between(0, Math.max(0, Math.min(bytes.length, random.chance(0.7) ? 100 : bytes.length) - 1));

const change = (packets: Packet[], random: Random, edit: (packet: Packet) => Partial<Packet>): void => {
  const i = indexIn(packets, random);
  packets[i] = { ...packets[i]!, ...edit(packets[i]!) };
};

const withBytes = (bytes: Uint8Array, edit: (copy: Uint8Array) => void): Partial<Packet> => {
  const copy = Uint8Array.from(bytes);
  edit(copy);
  return { bytes: copy };
};

const mutations: readonly Mutation[] = [
  function flipBits(packets, random) {
    change(packets, random, (packet) =>
      withBytes(packet.bytes, (bytes) => {
        for (let i = random.between(1, 4); i > 0; i--) bytes[placeIn(packet, random)]! ^= 1 << random.between(0, 7);
      }),
    );
  },
  function setBytes(packets, random) {
    change(packets, random, (packet) =>
      withBytes(packet.bytes, (bytes) => {
        bytes[placeIn(packet, random)] = random.pick(edges);
        bytes.fill(random.pick(edges), placeIn(packet, random), placeIn(packet, random));
      }),
    );
  },
  function cut(packets, random) {
    change(packets, random, (packet) => ({ bytes: packet.bytes.subarray(0, placeIn(packet, random)) }));
  },
  function shorten(packets, random) {
    change(packets, random, (packet) => {
      const bytes = packet.bytes.subarray(0, placeIn(packet, random));
      return { bytes, original: bytes.length };
    });
  },
  function pad(packets, random) {
    change(packets, random, ({ bytes }) => {
      const padded = Buffer.concat([bytes, random.bytes(random.between(1, 60))]);
      return { bytes: padded, original: padded.length };
    });
  },
  function lieOfLength(packets, random) {
    change(packets, random, () => ({ original: random.pick([0, 1, 13, 0xffff, 0x7fffffff, 0xffffffff]) }));
  },
  function double(packets, random) {
    packets.splice(indexIn(packets, random), 0, packets[indexIn(packets, random)]!);
  },
  function drop(packets, random) {
    if (packets.length > 1) packets.splice(indexIn(packets, random), 1);
  },
  function swap(packets, random) {
    const [i, j] = [indexIn(packets, random), indexIn(packets, random)];
    [packets[i], packets[j]] = [packets[j]!, packets[i]!];
  },
  function moveInTime(packets, random) {
    const far = random.pick([-1, 1, -1e6, 31e6, -7200e6, 86_400e6]);
    const from = indexIn(packets, random);
    const until = random.chance(0.5) ? from + 1 : packets.length;
    for (let i = from; i < until; i++) {
      const at = Math.min(0xffffffff * 1e6, Math.max(0, packets[i]!.at + far));
      packets[i] = { ...packets[i]!, at };
    }
  },
  function extremeTime(packets, random) {
    change(packets, random, () => ({ at: random.pick([0, 0xffffffff * 1e6 + 999_999]) }));
  },
  function splice(packets, random, strangers) {
    const tail = random.pick(strangers).bytes;
    change(packets, random, ({ bytes }) => {
      const spliced = Buffer.concat([
        bytes.subarray(0, random.between(0, bytes.length)),
        tail.subarray(random.between(0, tail.length)),
      ]);
      return { bytes: spliced, original: spliced.length };
    });
  },
  function insertStranger(packets, random, strangers) {
    const i = indexIn(packets, random);
    packets.splice(i, 0, { ...random.pick(strangers), at: packets[i]!.at });
  },
];

const toPcap = (packets: readonly Packet[], linkType: number): Buffer => {
  const size = packets.reduce((sum, { bytes }) => sum + 16 + bytes.length, 24);
  const file = Buffer.alloc(size);
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(262_144, 16);
  file.writeUInt32LE(linkType, 20);
  let end = 24;
  for (const { at, bytes, original } of packets) {
    // Some captures of other formats lie in years that this one has not.
    const seconds = Math.min(Math.max(0, Math.floor(at / 1e6)), 0xffffffff);
    file.writeUInt32LE(seconds, end);
    file.writeUInt32LE(((at % 1e6) + 1e6) % 1e6, end + 4);
    file.writeUInt32LE(bytes.length, end + 8);
    file.writeUInt32LE(original, end + 12);
    file.set(bytes, end + 16);
    end += 16 + bytes.length;
  }
  return file;
};

/**
 * A capture in the pcap format with one to eight kinds of damage; one in eight is damaged as a file too. Its first bytes
 * stay, so that it is recognised.
 *
 * @param strangers packets of other captures, for splices
 */
export const mutate = ({ packets, linkType }: Capture, random: Random, strangers: readonly Packet[]): Buffer => {
  const mutable = [...packets];
  for (let i = random.between(1, 8); i > 0; i--) random.pick(mutations)(mutable, random, strangers);
  const file = toPcap(mutable, linkType);
  if (random.chance(0.125)) {
    for (let i = random.between(1, 3); i > 0; i--) file[random.between(4, file.length - 1)] = random.pick(edges);
    return file.subarray(0, random.between(24, file.length));
  }
  return file;
};
