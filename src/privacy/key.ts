/** The key of all pseudonyms: 32 random bytes in a file of the user's own, made at first use. */
import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { SondeError } from '../kit/errors.ts';

const KEY_BYTES = 32;

export interface PseudonymKey {
  readonly bytes: Uint8Array;
  /** 16 hex characters that tell one key from another and betray neither. */
  readonly fingerprint: string;
}

/** What a derived key is for; two purposes never share a key. */
export type KeyPurpose = 'address' | 'subscriber' | 'user-count' | 'flow-id' | 'content' | 'fingerprint';

/** `$XDG_CONFIG_HOME/sonde/key`, by default `~/.config/sonde/key`. */
export const defaultKeyPath = (): string =>
  join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'sonde', 'key');

/** 32 bytes for one purpose, by HKDF-SHA-256 (RFC 5869). */
export const deriveKey = (key: Pick<PseudonymKey, 'bytes'>, purpose: KeyPurpose): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key.bytes, '', `sonde ${purpose}`, KEY_BYTES));

export const keyOf = (bytes: Uint8Array): PseudonymKey => ({
  bytes,
  fingerprint: Buffer.from(deriveKey({ bytes }, 'fingerprint')).toString('hex', 0, 8),
});

const unusable = (path: string, why: string, hint: string, cause?: unknown): SondeError =>
  new SondeError('SONDE_KEY_UNUSABLE', why, { file: path }, hint, cause);

const isErrno = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException)?.code === code;

/** Written aside and linked: of two processes that race, one link fails, and both then read the same whole file. */
const makeKey = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(aside, 'wx', 0o600);
  try {
    writeSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
    linkSync(aside, path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    closeSync(file);
    rmSync(aside, { force: true });
  }
};

/** Opened once and judged by its descriptor, so that what is checked is what is read. A pipe must not block. */
const readKey = (path: string): Uint8Array => {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw unusable(path, 'the key is not a file', 'name another path');
    if ((status.mode & 0o077) !== 0) {
      throw unusable(
        path,
        `others may read the key (mode ${(status.mode & 0o777).toString(8)})`,
        'if nobody else has read it, run chmod 600 on it; else replace it, which ends all older pseudonyms',
      );
    }
    // One byte more than a key has, to notice a file that is too long.
    const bytes = new Uint8Array(KEY_BYTES + 1);
    const length = readSync(file, bytes);
    if (length !== KEY_BYTES) {
      throw unusable(
        path,
        `the key has ${status.size} bytes, not ${KEY_BYTES}`,
        'restore it from a copy, or remove it for a new one, which ends all older pseudonyms',
      );
    }
    return bytes.slice(0, KEY_BYTES);
  } finally {
    closeSync(file);
  }
};

/**
 * Reads the key, and makes one first if there is none.
 *
 * @param options.path by default `defaultKeyPath()`
 * @throws SondeError SONDE_KEY_UNUSABLE if the file is readable by others, has not 32 bytes, or cannot be read or made
 */
export const loadKey = (options: { readonly path?: string } = {}): PseudonymKey => {
  const path = options.path ?? defaultKeyPath();
  try {
    try {
      return keyOf(readKey(path));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      makeKey(path);
      return keyOf(readKey(path));
    }
  } catch (error) {
    if (error instanceof SondeError) throw error;
    throw unusable(path, 'the key can neither be read nor made', 'check the folder and its rights', error);
  }
};
