/** The pages of a column chunk, each compressed where that pays, and what the footer tells of them. */
import { constants, gzipSync } from 'node:zlib';
import { ByteBuffer } from './byte-buffer.ts';
import { Codec, dataPageHeader, dictionaryPageHeader, Encoding } from './format.ts';
import type { Compression, Dictionary, EncodedPage } from './value-encoder.ts';

/** Below this, what a compressed page saves is not worth the call. */
const MIN_COMPRESSED = 256;

const options = {
  repeats: { level: 1 },
  symbols: { level: 1, strategy: constants.Z_HUFFMAN_ONLY },
} as const;

/** The bytes themselves if they do not become fewer. */
const compress = (bytes: Uint8Array, by: Compression): Uint8Array => {
  if (by === 'none' || bytes.length < MIN_COMPRESSED) return bytes;
  const packed = gzipSync(bytes, options[by]);
  return packed.length < bytes.length ? packed : bytes;
};

/** What a page holds: places are those of values, of NULLs and of empty lists. */
export interface PageContent {
  readonly rows: number;
  readonly places: number;
  /** Places without a value. */
  readonly missing: number;
}

/** Where a chunk is, within the bytes that its row group was written with, and what is in it. */
export interface WrittenPages {
  readonly codec: Codec;
  readonly encodings: readonly Encoding[];
  readonly places: number;
  readonly missing: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly dictionaryAt: number | undefined;
  readonly dataAt: number;
}

export class Pages {
  /** The pages as they will stand in the file. */
  readonly #pages = new ByteBuffer();
  readonly #encodings = new Set<Encoding>();
  #codec: Codec = Codec.UNCOMPRESSED;
  #places = 0;
  #missing = 0;
  #rawBytes = 0;

  /** Bytes of the pages so far. */
  get bytes(): number {
    return this.#pages.length;
  }

  /** Adds a page: repetition levels, definition levels, values. They are copied. */
  add(
    content: PageContent,
    body: Uint8Array,
    repetitionBytes: number,
    definitionBytes: number,
    { encoding, compression }: EncodedPage,
  ): void {
    const levelBytes = repetitionBytes + definitionBytes;
    const values = body.subarray(levelBytes);
    const stored = compress(values, compression);
    const isCompressed = stored !== values;
    if (isCompressed) this.#codec = Codec.GZIP;
    const pages = this.#pages;
    const start = pages.length;
    dataPageHeader({
      ...content,
      encoding,
      repetitionBytes,
      definitionBytes,
      rawBytes: body.length,
      storedBytes: levelBytes + stored.length,
      isCompressed,
    }).write(pages);
    this.#rawBytes += pages.length - start + body.length;
    if (isCompressed) {
      pages.append(body.subarray(0, levelBytes));
      pages.append(stored);
    } else pages.append(body);
    this.#places += content.places;
    this.#missing += content.missing;
    this.#encodings.add(encoding);
    if (levelBytes > 0) this.#encodings.add(Encoding.RLE);
  }

  /** Appends the dictionary and the pages to `out`, and begins another chunk. */
  finish(dictionary: Dictionary | undefined, out: ByteBuffer): WrittenPages {
    const start = out.length;
    if (dictionary !== undefined) this.#writeDictionary(dictionary, out);
    const dataAt = out.length;
    out.append(this.#pages.written);
    const written = {
      codec: this.#codec,
      encodings: [...this.#encodings].sort((a, b) => a - b),
      places: this.#places,
      missing: this.#missing,
      rawBytes: this.#rawBytes,
      storedBytes: out.length - start,
      dictionaryAt: dictionary === undefined ? undefined : start,
      dataAt,
    };
    this.#pages.clear();
    this.#encodings.clear();
    this.#codec = Codec.UNCOMPRESSED;
    this.#places = 0;
    this.#missing = 0;
    this.#rawBytes = 0;
    return written;
  }

  /** A page of this kind does not say whether it is compressed: it is if any of the chunk is. */
  #writeDictionary({ count, bytes }: Dictionary, out: ByteBuffer): void {
    const stored = this.#codec === Codec.GZIP ? gzipSync(bytes, options.repeats) : compress(bytes, 'repeats');
    if (stored !== bytes) this.#codec = Codec.GZIP;
    const start = out.length;
    dictionaryPageHeader(count, bytes.length, stored.length).write(out);
    this.#rawBytes += out.length - start + bytes.length;
    this.#encodings.add(Encoding.PLAIN);
    out.append(stored);
  }
}
