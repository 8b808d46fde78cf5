/** Doubles as they are, without a range: 0 has two signs, and no query prunes by them. */
import type { ByteBuffer } from './byte-buffer.ts';
import { Encoding, Physical } from './format.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';

export class RealValues implements ValueEncoder {
  readonly physical = Physical.DOUBLE;

  encode(values: Float64Array, count: number, out: ByteBuffer): EncodedPage {
    const bytes = out.reserve(8 * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset + out.length);
    for (let i = 0; i < count; i++) view.setFloat64(8 * i, values[i]!, true);
    out.length += 8 * count;
    return { encoding: Encoding.PLAIN, compression: 'repeats' };
  }

  finish(): EncodedChunk {
    return { dictionary: undefined, range: undefined };
  }
}
