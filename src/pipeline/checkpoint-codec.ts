/** A state as bytes and back: V8's structured clone, with large arrays kept apart so that nobody has to copy them. */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

/** The arrays that states are made of. */
const kinds = [Uint8Array, Int8Array, Int32Array, Uint32Array, Float64Array] as const;
type NumberArray = InstanceType<(typeof kinds)[number]>;

/** Smaller arrays stand among the rest. */
const LARGE_BYTES = 1 << 12;
const APART = 0xff;

const kindOf = (array: ArrayBufferView): number => kinds.findIndex((kind) => array instanceof kind);

export interface EncodedState {
  readonly skeleton: Uint8Array;
  /** The memory of the large arrays, in the order in which the skeleton names them. */
  readonly large: readonly Uint8Array[];
}

/** To a default serializer, typed arrays are host objects. */
class StateSerializer extends DefaultSerializer {
  readonly large: Uint8Array[] = [];

  _writeHostObject(array: ArrayBufferView): void {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const kind = kindOf(array);
    if (kind < 0) throw new Error(`a state holds an array of a kind that is not written: ${array.constructor.name}`);
    if (bytes.length < LARGE_BYTES) {
      this.writeUint32(kind);
      this.writeUint32(bytes.length);
      this.writeRawBytes(bytes);
    } else {
      this.writeUint32(APART);
      this.writeUint32(kind);
      this.large.push(bytes);
    }
  }
}

class StateDeserializer extends DefaultDeserializer {
  readonly #large: Iterator<ArrayBuffer>;

  constructor({ skeleton, large }: { readonly skeleton: Uint8Array; readonly large: readonly ArrayBuffer[] }) {
    super(skeleton);
    this.#large = large[Symbol.iterator]();
  }

  _readHostObject(): NumberArray {
    const kind = this.readUint32();
    if (kind === APART) return new kinds[this.readUint32()]!(this.#large.next().value!);
    // A copy, for the bytes stand at any offset.
    return new kinds[kind]!(new Uint8Array(this.readRawBytes(this.readUint32())).buffer);
  }
}

/** Reads all of the state but its large arrays, whose memory the result refers to. */
export const encodeState = (state: unknown): EncodedState => {
  const serializer = new StateSerializer();
  serializer.writeHeader();
  serializer.writeValue(state);
  return { skeleton: serializer.releaseBuffer(), large: serializer.large };
};

/** The state again, around the buffers given. Throws for bytes that `encodeState` did not write. */
export const decodeState = (encoded: {
  readonly skeleton: Uint8Array;
  readonly large: readonly ArrayBuffer[];
}): unknown => {
  const deserializer = new StateDeserializer(encoded);
  deserializer.readHeader();
  return deserializer.readValue();
};
