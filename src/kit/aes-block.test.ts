import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encryptBlock } from './aes-block.ts';

const encrypt = (key: Uint8Array, bytes: Uint8Array, at = 0): string => {
  const block = new Uint8Array(16);
  encryptBlock(key, bytes, at, block);
  return Buffer.from(block).toString('hex');
};

test('the example of FIPS 197 appendix B', () => {
  const key = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
  const block = Buffer.from('3243f6a8885a308d313198a2e0370734', 'hex');
  expect(encrypt(key, block)).toBe('3925841d02dc09fbdc118597196a0b32');
});

test('any block anywhere gives what node:crypto gives', () => {
  const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(block, block, fc.nat(20), (key, bytes, at) => {
      const expected = createCipheriv('aes-128-ecb', key, null).update(bytes).toString('hex');
      expect(encrypt(key, Buffer.concat([Buffer.alloc(at), bytes]), at)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
