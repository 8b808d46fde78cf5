/** Texts as UTF-8. */
import type { ByteBuffer } from './byte-buffer.ts';

const encoder = new TextEncoder();

/** Appends a text; half of a surrogate pair becomes U+FFFD. Most are short and ASCII, where a call would cost more. */
export const writeText = (out: ByteBuffer, text: string): void => {
  const { length } = text;
  const bytes = out.reserve(3 * length);
  const start = out.length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) {
      out.length += encoder.encodeInto(text, bytes.subarray(start)).written;
      return;
    }
    bytes[start + i] = unit;
  }
  out.length = start + length;
};
