/** The head of an HTTP/1 message, its start line and fields, and what they say of the content behind it (RFC 9112 sections 2, 5 and 6). */

/** Bytes of a head beyond which nobody waits for the rest. */
export const MAX_HEAD_BYTES = 16_384;

/** The content of a message: so many bytes (`Infinity`: until the connection closes), chunks, or what cannot be told. */
export type HttpContent = number | 'chunked' | 'unknown';

/** By name in lower case: the values of the fields in their order, unfolded, each character a byte (Latin-1). */
type HttpFields = ReadonlyMap<string, readonly string[]>;

interface HttpHead<T> {
  readonly kind: 'head';
  /** What the start line says. */
  readonly start: T;
  readonly fields: HttpFields;
  /** Bytes from the first of the message to the first after its head. */
  readonly headBytes: number;
  /** False if the head was cut, and only its whole lines are told. */
  readonly complete: boolean;
}

export const NEED_MORE = { kind: 'need-more' } as const;
export const NOT_HTTP = { kind: 'not-http' } as const;

/** Bytes as text of one character each, so that indexes agree; `fromUtf8` makes words of a part of it. */
const toLatin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

export const fromUtf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** Does [start, end) begin with `word`, as far as it goes? */
export const beginsLike = (bytes: Uint8Array, start: number, end: number, word: string): boolean => {
  const length = Math.min(word.length, end - start);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false;
  return true;
};

const parseFields = (text: string): HttpFields => {
  const fields = new Map<string, string[]>();
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const others = fields.get(name);
    if (others === undefined) fields.set(name, [value]);
    else others.push(value);
  }
  return fields;
};

/**
 * Decodes the head of a message that begins at `start`; [start, end) is the part of the stream known so far.
 *
 * Lines may end in a bare LF and fields may be folded. On 'need-more' call again with a longer part: it never comes for
 * `MAX_HEAD_BYTES` or more, nor when `final`. A head that is not whole by then is told as far as its whole lines go.
 *
 * @param final no more bytes will come
 * @param parseStart the start line without its line end; undefined refuses the message as 'not-http'
 */
export const decodeHttpHead = <T>(
  bytes: Uint8Array,
  start: number,
  end: number,
  final: boolean,
  parseStart: (line: string) => T | undefined,
): HttpHead<T> | typeof NEED_MORE | typeof NOT_HTTP => {
  const capped = end - start >= MAX_HEAD_BYTES;
  const known = toLatin1(bytes, start, capped ? start + MAX_HEAD_BYTES : end);
  const lineEnd = known.indexOf('\n');
  if (lineEnd < 0) return final || capped ? NOT_HTTP : NEED_MORE;
  const startOf = parseStart(known.slice(0, lineEnd).trimEnd());
  if (startOf === undefined) return NOT_HTTP;
  const blankLine = /\n\r?\n/.exec(known);
  if (blankLine === null && !final && !capped) return NEED_MORE;
  const headBytes = blankLine ? blankLine.index + blankLine[0].length : known.lastIndexOf('\n') + 1;
  const fields = parseFields(known.slice(lineEnd + 1, headBytes));
  return { kind: 'head', start: startOf, fields, headBytes, complete: blankLine !== null };
};

/** The value of the first field of that name, '' if there is none. */
export const fieldOf = (fields: HttpFields, name: string): string => fields.get(name)?.[0] ?? '';

/** Content-Length (RFC 9110 8.6), which may be repeated if all say the same; NaN if there is none, or none that can be. */
export const contentLengthOf = (fields: HttpFields): number => {
  const values = fields.get('content-length');
  if (values === undefined) return Number.NaN;
  const [value = ''] = values;
  // A list of equal values is one that a proxy joined.
  const repeated = /^(\d{1,15})(?:\s*,\s*\1)*$/.exec(value)?.[1];
  return repeated === undefined || values.some((other) => other !== value) ? Number.NaN : Number(repeated);
};

/** What follows a head, as far as its fields tell (RFC 9112 6.3); `otherwise` where they say nothing. */
export const contentOf = (
  { fields, complete }: Pick<HttpHead<unknown>, 'fields' | 'complete'>,
  otherwise: number,
): HttpContent => {
  if (!complete) return 'unknown';
  const codings = fields.get('transfer-encoding');
  if (codings === undefined) {
    if (!fields.has('content-length')) return otherwise;
    const length = contentLengthOf(fields);
    return Number.isNaN(length) ? 'unknown' : length;
  }
  if (/(?:^|,)\s*chunked$/i.test(codings.join(','))) return 'chunked';
  // Without chunks only the end of the connection ends a coding, and a client needs an answer behind it.
  return otherwise === Number.POSITIVE_INFINITY ? otherwise : 'unknown';
};
