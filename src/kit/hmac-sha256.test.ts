import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HmacSha256, MAX_MESSAGE_BYTES, PreparedMessage } from './hmac-sha256.ts';

test('the first test case of RFC 4231', () => {
  const digest = new Uint8Array(32);
  new HmacSha256().setKey(new Uint8Array(20).fill(0x0b)).digest(Buffer.from('Hi There'), digest);
  expect(Buffer.from(digest).toString('hex')).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
});

test('any key and message that fit give what node:crypto gives, one after the other', () => {
  const hmac = new HmacSha256();
  const message = fc.uint8Array({ maxLength: MAX_MESSAGE_BYTES });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), message, message, fc.nat(32), (key, first, second, length) => {
      hmac.setKey(key);
      for (const each of [first, second]) {
        const digest = new Uint8Array(length);
        hmac.digest(each, digest);
        expect([...digest]).toEqual([...createHmac('sha256', key).update(each).digest().subarray(0, length)]);
      }
    }),
    { numRuns: 500 },
  );
});

test('the digest may take the place of the message', () => {
  const bytes = new Uint8Array(32).fill(7);
  const expected = createHmac('sha256', 'key').update(bytes).digest();
  new HmacSha256().setKey(Buffer.from('key')).digest(bytes, bytes);
  expect(Buffer.from(bytes)).toEqual(expected);
});

test('a message prepared once has the digests that it has as bytes, under any key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_MESSAGE_BYTES }), (message) => {
      const prepared = new PreparedMessage(message);
      for (const key of ['one', 'two']) {
        const digest = new Uint8Array(32);
        new HmacSha256().setKey(Buffer.from(key)).digest(prepared, digest);
        expect(Buffer.from(digest)).toEqual(createHmac('sha256', key).update(message).digest());
      }
    }),
  );
});
