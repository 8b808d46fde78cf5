import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultKeyPath, deriveKey, keyOf, loadKey } from './key.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-key-'));
  path = join(folder, 'config', 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (bytes: Uint8Array, mode = 0o600): void => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(path, bytes);
  chmodSync(path, mode);
};
const unusable = (message: string): object =>
  expect.objectContaining({
    code: 'SONDE_KEY_UNUSABLE',
    message: expect.stringContaining(message),
    fields: { file: path },
  });

test('the key is made at first use, for its owner alone, and is the same ever after', () => {
  const key = loadKey({ path });
  expect(key.bytes).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, 'config'))).toEqual(['key']);
  expect(new Uint8Array(readFileSync(path))).toEqual(key.bytes);
  expect(loadKey({ path })).toEqual(key);
});

test('two folders have two keys, and fingerprints tell them apart', () => {
  const other = loadKey({ path: join(folder, 'other') });
  expect(loadKey({ path }).fingerprint).not.toBe(other.fingerprint);
});

test.each([0o640, 0o604, 0o620, 0o666, 0o601])('a key of mode %o is refused', (mode) => {
  write(new Uint8Array(32), mode);
  expect(() => loadKey({ path })).toThrowError(unusable(`mode ${mode.toString(8)}`));
});

test.each([0, 31, 33, 64])('a key of %i bytes is refused and left as it is', (size) => {
  write(new Uint8Array(size));
  expect(() => loadKey({ path })).toThrowError(unusable(`${size} bytes`));
  expect(statSync(path).size).toBe(size);
});

test('a folder in the place of the key is refused, and a pipe does not block', () => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  expect(() => loadKey({ path })).toThrowError(unusable('not a file'));
  rmSync(path, { recursive: true });
  execFileSync('mkfifo', ['-m', '600', path]);
  expect(() => loadKey({ path })).toThrowError(unusable('not a file'));
});

test('a place where no key can be made is an error', () => {
  write(new Uint8Array(32));
  const below = join(path, 'key');
  expect(() => loadKey({ path: below })).toThrowError(
    expect.objectContaining({ code: 'SONDE_KEY_UNUSABLE', fields: { file: below } }),
  );
});

test('the default place follows XDG_CONFIG_HOME', () => {
  const before = process.env.XDG_CONFIG_HOME;
  process.env.XDG_CONFIG_HOME = folder;
  expect(defaultKeyPath()).toBe(join(folder, 'sonde', 'key'));
  delete process.env.XDG_CONFIG_HOME;
  expect(defaultKeyPath()).toMatch(/\/\.config\/sonde\/key$/);
  if (before !== undefined) process.env.XDG_CONFIG_HOME = before;
});

test('derived keys differ by purpose and by key, and the fingerprint is none of the key’s bytes', () => {
  const key = keyOf(Uint8Array.from({ length: 32 }, (_, i) => i));
  const other = keyOf(new Uint8Array(32));
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const derived = (['address', 'subscriber', 'user-count', 'flow-id'] as const).flatMap((purpose) => [
    hex(deriveKey(key, purpose)),
    hex(deriveKey(other, purpose)),
  ]);
  expect(new Set([...derived, hex(key.bytes)]).size).toBe(9);
  expect(key.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(hex(key.bytes)).not.toContain(key.fingerprint);
  // RFC 5869 by hand, so that a store can be opened by any build: HKDF-SHA-256, no salt, info 'sonde address'.
  expect(hex(deriveKey(key, 'address'))).toBe('9976f029abf0e3609746326b11a25d37370698601cff9de09f33806fd0a15e40');
});

test('processes that race for the first key all get the same', async () => {
  const room = fileURLToPath(new URL('.', import.meta.url));
  for (const file of ['privacy/key', 'kit/errors']) {
    const source = readFileSync(join(room, '..', `${file}.ts`), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    });
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, `${file}.js`), outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const start = Date.now() + 1500;
  const script = `
    const { loadKey } = await import(${JSON.stringify(join(folder, 'privacy', 'key.js'))});
    while (Date.now() < ${start});
    process.stdout.write(loadKey({ path: ${JSON.stringify(path)} }).fingerprint);`;
  const run = promisify(execFile);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', script])),
  );
  expect(new Set(answers.map(({ stdout }) => stdout))).toEqual(new Set([loadKey({ path }).fingerprint]));
  expect(readdirSync(join(folder, 'config'))).toEqual(['key']);
});
