/** Values in the compact protocol of Thrift, which Parquet's headers are written in (thrift-compact-protocol.md). */
import type { ByteBuffer } from './byte-buffer.ts';

/** A value with its type; a boolean in a struct is its type alone. */
export interface ThriftValue {
  readonly type: number;
  readonly write: (out: ByteBuffer) => void;
}

const Type = { TRUE: 1, FALSE: 2, I32: 5, I64: 6, BINARY: 8, LIST: 9, STRUCT: 12 } as const;

export const i32 = (value: number): ThriftValue => ({ type: Type.I32, write: (out) => out.zigzag(value) });

/** Within 2^52 of 0. */
export const i64 = (value: number): ThriftValue => ({ type: Type.I64, write: (out) => out.zigzag(value) });

/** As a field of a struct, not in a list. */
export const bool = (value: boolean): ThriftValue => ({ type: value ? Type.TRUE : Type.FALSE, write: () => undefined });

export const binary = (bytes: Uint8Array): ThriftValue => ({
  type: Type.BINARY,
  write: (out) => {
    out.varint(bytes.length);
    out.append(bytes);
  },
});

export const string = (text: string): ThriftValue => binary(Buffer.from(text));

/** Values of one type, at least one. */
export const list = (values: readonly ThriftValue[]): ThriftValue => ({
  type: Type.LIST,
  write: (out) => {
    const { type } = values[0]!;
    if (values.length < 15) out.byte((values.length << 4) | type);
    else {
      out.byte(0xf0 | type);
      out.varint(values.length);
    }
    for (const value of values) value.write(out);
  },
});

/**
 * Fields by their number, in steps of at most 15; those that are undefined are left out.
 *
 * @example struct({ 1: i32(7), 8: struct({}) }).write(out)
 */
export const struct = (fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue => ({
  type: Type.STRUCT,
  write: (out) => {
    let last = 0;
    // Keys that are numbers come in ascending order.
    for (const [key, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      const field = Number(key);
      out.byte(((field - last) << 4) | value.type);
      value.write(out);
      last = field;
    }
    out.byte(0);
  },
});
