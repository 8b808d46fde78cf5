/** Damages captures as files, whatever their format: bits, lengths, ranges and whole records, so that a reader meets what no writer makes. */
import type { Random } from '../src/kit/random.ts';

type Mutation = (file: Buffer, random: Random, stranger: Uint8Array) => Buffer;

/** Values at which lengths are on an edge. */
const lengths = [0, 1, 3, 4, 12, 16, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];
const edges = [0, 1, 0x7f, 0x80, 0xc0, 0xff];
/** Most files have their headers, and their first record's, in front. */
const HEAD = 200;

const placeIn = (file: Buffer, random: Random): number =>
  random.between(0, Math.max(0, Math.min(file.length, random.chance(0.4) ? HEAD : file.length) - 1));

/** A range of the file: mostly small. */
const rangeIn = (file: Buffer, random: Random): readonly [number, number] => {
  const start = placeIn(file, random);
  return [start, Math.min(file.length, start + random.between(1, random.chance(0.8) ? 64 : file.length))];
};

const PCAP_MAGICS = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1]);
const PCAPNG_MAGIC = 0x0a0d0d0a;

/** Where the records of a classic pcap file, or the blocks of a pcapng file, begin; the end of the last one too. */
const recordsOf = (file: Buffer): number[] => {
  if (file.length < 32) return [];
  const magic = file.readUInt32BE(0);
  const isPcap = PCAP_MAGICS.has(magic);
  if (!isPcap && magic !== PCAPNG_MAGIC) return [];
  const isLittle = isPcap ? magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1 : file.readUInt32BE(8) === 0x4d3c2b1a;
  const word = (at: number): number => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const records: number[] = [];
  for (let at = isPcap ? 24 : 0; at + 16 <= file.length; ) {
    records.push(at);
    const length = isPcap ? 16 + word(at + 8) : word(at + 4);
    if (length < 12 || at + length > file.length) break;
    at += length;
  }
  return records;
};

const mutations: readonly Mutation[] = [
  function flipBits(file, random) {
    for (let i = random.between(1, 16); i > 0; i--) file[placeIn(file, random)]! ^= 1 << random.between(0, 7);
    return file;
  },
  function setBytes(file, random) {
    const [start, end] = rangeIn(file, random);
    return file.fill(random.pick(edges), start, end);
  },
  function randomBytes(file, random) {
    const [start, end] = rangeIn(file, random);
    file.set(random.bytes(end - start), start);
    return file;
  },
  function lieOfLength(file, random) {
    const at = placeIn(file, random) & ~3;
    if (at + 4 > file.length) return file;
    const value = random.chance(0.5) ? random.pick(lengths) : (file.readUInt32LE(at) + random.between(-4, 4)) >>> 0;
    if (random.chance(0.7)) file.writeUInt32LE(value, at);
    else file.writeUInt32BE(value, at);
    return file;
  },
  function truncate(file, random) {
    return file.subarray(0, placeIn(file, random));
  },
  function cutOut(file, random) {
    const [start, end] = rangeIn(file, random);
    return Buffer.concat([file.subarray(0, start), file.subarray(end)]);
  },
  function repeat(file, random) {
    const [start, end] = rangeIn(file, random);
    return Buffer.concat([file.subarray(0, end), file.subarray(start)]);
  },
  function splice(file, random, stranger) {
    return Buffer.concat([
      file.subarray(0, random.between(0, file.length)),
      stranger.subarray(random.between(0, stranger.length)),
    ]);
  },
  function repeatRecords(file, random) {
    const records = recordsOf(file);
    if (records.length < 2) return file;
    const i = random.between(0, records.length - 2);
    const record = file.subarray(records[i], records[i + 1]);
    const copies = Array.from({ length: random.pick([1, 2, 20]) }, () => record);
    return Buffer.concat([file.subarray(0, records[i]), ...copies, file.subarray(records[i])]);
  },
  function swapRecords(file, random) {
    const records = recordsOf(file);
    if (records.length < 4) return file;
    const [a, b] = [random.between(0, records.length - 2), random.between(0, records.length - 2)].sort((x, y) => x - y);
    if (a === b) return file;
    return Buffer.concat([
      file.subarray(0, records[a!]),
      file.subarray(records[b!], records[b! + 1]),
      file.subarray(records[a! + 1], records[b!]),
      file.subarray(records[a!], records[a! + 1]),
      file.subarray(records[b! + 1]),
    ]);
  },
];

/**
 * A file with one to six kinds of damage. In half of the cases its first four bytes stay, so that it is recognised.
 *
 * @param stranger another file, for splices
 */
export const mutateFile = (original: Uint8Array, random: Random, stranger: Uint8Array): Buffer => {
  let file: Buffer = Buffer.from(original);
  for (let i = random.between(1, 6); i > 0 && file.length > 0; i--) {
    file = random.pick(mutations)(file, random, stranger);
  }
  if (random.chance(0.5) && file.length >= 4) file.set(original.subarray(0, 4));
  return file;
};
