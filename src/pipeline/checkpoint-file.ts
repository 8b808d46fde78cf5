/** A checkpoint on the disk: what is open between two inputs of a stream, as raw as the packets were, for its owner alone. */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { decodeState, encodeState } from './checkpoint-codec.ts';

/** What a checkpoint says of itself. */
export interface CheckpointHead {
  /** Fingerprint of what a state is made of: a program with another one cannot read it. */
  readonly layout: string;
  /** Fingerprint of the key. */
  readonly key: string;
  readonly vantage: string;
  /** The turn of the stream after which it stands, and the commit by which that was taken. */
  readonly turn: number;
  readonly appId: string;
  readonly version: number;
}

const MAGIC = 'sonde checkpoint\n';
const MAX_HEAD_BYTES = 1 << 20;
const HASH_BYTES = 32;
const PIECE_BYTES = 1 << 22;

/** Before the state: the head, and the sizes of skeleton and large arrays. */
interface Preamble {
  readonly head: CheckpointHead;
  readonly sizes: readonly number[];
}

export const unusableCheckpoint = (why: string, file: string, hint: string, cause?: unknown): SondeError =>
  new SondeError('SONDE_CHECKPOINT_UNUSABLE', why, { file }, hint, cause);

const damaged = (file: string, cause?: unknown): SondeError =>
  unusableCheckpoint(
    'the checkpoint is not what was written',
    file,
    'restore it from a copy; or give up what was open in it with --fresh',
    cause,
  );

/**
 * Writes a checkpoint aside, in pieces, and puts it in place when all of it is on the disk.
 *
 * The state is read before this returns its promise, but for its large arrays, which must not change until it resolves.
 *
 * @throws SONDE_CHECKPOINT_UNUSABLE if there is no room, or the folder cannot be written
 */
export const writeCheckpoint = async (path: string, head: CheckpointHead, state: unknown): Promise<void> => {
  const { skeleton, large } = encodeState(state);
  const parts = [skeleton, ...large];
  const preamble: Preamble = { head, sizes: parts.map(({ length }) => length) };
  const text = Buffer.from(JSON.stringify(preamble));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const aside = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(aside, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      for (const part of [Buffer.from(MAGIC), size, text, ...parts]) await writePart(file, part, hash);
      await file.writeFile(hash.digest());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw unusableCheckpoint(
      `the checkpoint cannot be written: ${(error as Error).message}`,
      path,
      'make room, or check the rights of the folder, and run it again: nothing will be there twice',
      error,
    );
  }
};

const writePart = async (file: FileHandle, part: Uint8Array, hash: Hash): Promise<void> => {
  for (let at = 0; at < part.length; at += PIECE_BYTES) {
    const piece = part.subarray(at, at + PIECE_BYTES);
    hash.update(piece);
    await file.writeFile(piece);
  }
};

/** Reads bytes in order, and hashes what it reads. */
const readerOf = (file: FileHandle, path: string) => {
  const hash = createHash('sha256');
  return {
    hash,
    async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        const { bytesRead } = await file.read(piece);
        if (bytesRead === 0) throw damaged(path);
        hash.update(piece.subarray(0, bytesRead));
        at += bytesRead;
      }
      return bytes;
    },
  };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const readPreamble = async (
  reader: ReturnType<typeof readerOf>,
  path: string,
  fileBytes: number,
): Promise<Preamble> => {
  const magic = await reader.take(MAGIC.length);
  if (Buffer.from(magic).toString('latin1') !== MAGIC) throw damaged(path);
  const length = Buffer.from(await reader.take(4)).readUInt32LE();
  if (length > MAX_HEAD_BYTES) throw damaged(path);
  const text = Buffer.from(await reader.take(length)).toString();
  try {
    const { head, sizes } = JSON.parse(text) as Preamble;
    const total = sizes.reduce((sum, size) => sum + size, MAGIC.length + 4 + length + HASH_BYTES);
    if (sizes.every(isCount) && total === fileBytes && typeof head.layout === 'string') return { head, sizes };
  } catch (error) {
    throw damaged(path, error);
  }
  throw damaged(path);
};

const withFile = async <T>(path: string, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> => {
  try {
    const file = await open(path, 'r');
    try {
      return await use(file, (await file.stat()).size);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SondeError) throw error;
    throw unusableCheckpoint(
      `the checkpoint cannot be read: ${(error as Error).message}`,
      path,
      'check its permissions',
      error,
    );
  }
};

/** What a checkpoint says of itself, of which nothing is proven yet. Throws SONDE_CHECKPOINT_UNUSABLE. */
export const readCheckpointHead = (path: string): Promise<CheckpointHead> =>
  withFile(path, async (file, bytes) => (await readPreamble(readerOf(file, path), path, bytes)).head);

/**
 * The state of a checkpoint, once its hash is proven.
 *
 * @throws SONDE_CHECKPOINT_UNUSABLE if it is damaged, or was written with another layout, key or vantage
 */
export const readCheckpoint = (
  path: string,
  expected: Pick<CheckpointHead, 'layout' | 'key' | 'vantage'>,
): Promise<unknown> =>
  withFile(path, async (file, fileBytes) => {
    const reader = readerOf(file, path);
    const { head, sizes } = await readPreamble(reader, path, fileBytes);
    const [skeleton, ...large] = await readAll(sizes, reader);
    const digest = reader.hash.digest();
    const stored = new Uint8Array(HASH_BYTES);
    await file.read(stored);
    if (skeleton === undefined || !digest.equals(stored)) throw damaged(path);
    requireSame(head, expected, path);
    return decodeState({ skeleton, large: large.map(({ buffer }) => buffer) });
  });

const readAll = async (
  sizes: readonly number[],
  { take }: ReturnType<typeof readerOf>,
): Promise<Uint8Array<ArrayBuffer>[]> => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const size of sizes) parts.push(await take(size));
  return parts;
};

const requireSame = (
  head: CheckpointHead,
  expected: Pick<CheckpointHead, 'layout' | 'key' | 'vantage'>,
  path: string,
): void => {
  if (head.layout !== expected.layout) {
    throw unusableCheckpoint(
      'the checkpoint was written by another version of Sonde',
      path,
      'end the stream with that version (sonde import --finish); or give up what was open in it with --fresh',
    );
  }
  if (head.key !== expected.key) {
    throw unusableCheckpoint(
      `the checkpoint was written with another key (${head.key}, not ${expected.key})`,
      path,
      'name the key of the store with --key-file; or give up what was open in it with --fresh',
    );
  }
  if (head.vantage !== expected.vantage) {
    throw unusableCheckpoint(
      `the checkpoint is of another vantage (${head.vantage}, not ${expected.vantage})`,
      path,
      'put it back where it was; or give up what was open in it with --fresh',
    );
  }
};
