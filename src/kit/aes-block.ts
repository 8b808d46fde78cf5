/** AES-128 of one block (FIPS 197). Where a flow needs just one, an object of node:crypto for it costs ten times as much. */

const ROUNDS = 10;

/** Multiplication by x in the field of FIPS 197 4.2. */
const double = (x: number): number => ((x << 1) ^ (x >> 7 === 1 ? 0x11b : 0)) & 0xff;

const rotateByte = (x: number, by: number): number => (x << by) | (x >> (8 - by));

/** FIPS 197 5.1.1: the inverse in the field, mixed. `power` runs through all but 0, `inverse` through their inverses. */
const substitutes = new Uint8Array(256).fill(0x63, 0, 1);
for (let power = 1, inverse = 1, i = 0; i < 255; i++) {
  const mixed =
    inverse ^ rotateByte(inverse, 1) ^ rotateByte(inverse, 2) ^ rotateByte(inverse, 3) ^ rotateByte(inverse, 4);
  substitutes[power] = mixed ^ 0x63;
  // Times 3, and divided by it, which is times 0xf6.
  power ^= double(power);
  inverse ^= inverse << 1;
  inverse ^= inverse << 2;
  inverse = (inverse ^ (inverse << 4)) & 0xff;
  if ((inverse & 0x80) !== 0) inverse ^= 0x09;
}

/** What the substitute of a byte adds to its column (FIPS 197 5.1.3): times 2, 1, 1 and 3. */
const columns = Int32Array.from(substitutes, (s) => (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s));

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

const substituteWord = (a: number, b: number, c: number, d: number): number =>
  (substitutes[a >>> 24]! << 24) |
  (substitutes[(b >>> 16) & 0xff]! << 16) |
  (substitutes[(c >>> 8) & 0xff]! << 8) |
  substitutes[d & 0xff]!;

const mixWord = (a: number, b: number, c: number, d: number): number =>
  columns[a >>> 24]! ^
  rotate(columns[(b >>> 16) & 0xff]!, 8) ^
  rotate(columns[(c >>> 8) & 0xff]!, 16) ^
  rotate(columns[d & 0xff]!, 24);

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

const setWord = (bytes: Uint8Array, at: number, word: number): void => {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
};

/** Encrypts the 16 bytes at `at` into the first 16 of `into`, under a key of 16 bytes. */
export const encryptBlock = (key: Uint8Array, bytes: Uint8Array, at: number, into: Uint8Array): void => {
  let k0 = wordAt(key, 0);
  let k1 = wordAt(key, 4);
  let k2 = wordAt(key, 8);
  let k3 = wordAt(key, 12);
  let s0 = wordAt(bytes, at) ^ k0;
  let s1 = wordAt(bytes, at + 4) ^ k1;
  let s2 = wordAt(bytes, at + 8) ^ k2;
  let s3 = wordAt(bytes, at + 12) ^ k3;
  for (let round = 1, constant = 1; round <= ROUNDS; round++, constant = double(constant)) {
    const turned = rotate(k3, 24);
    k0 ^= substituteWord(turned, turned, turned, turned) ^ (constant << 24);
    k1 ^= k0;
    k2 ^= k1;
    k3 ^= k2;
    const isLast = round === ROUNDS;
    const t0 = isLast ? substituteWord(s0, s1, s2, s3) : mixWord(s0, s1, s2, s3);
    const t1 = isLast ? substituteWord(s1, s2, s3, s0) : mixWord(s1, s2, s3, s0);
    const t2 = isLast ? substituteWord(s2, s3, s0, s1) : mixWord(s2, s3, s0, s1);
    const t3 = isLast ? substituteWord(s3, s0, s1, s2) : mixWord(s3, s0, s1, s2);
    s0 = t0 ^ k0;
    s1 = t1 ^ k1;
    s2 = t2 ^ k2;
    s3 = t3 ^ k3;
  }
  setWord(into, 0, s0);
  setWord(into, 4, s1);
  setWord(into, 8, s2);
  setWord(into, 12, s3);
};
