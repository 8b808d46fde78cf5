/** An array with the same start and room for `length`. */
export const grown = <A extends Int8Array | Uint8Array | Int32Array | Uint32Array | Float64Array>(
  old: A,
  length: number,
): A => {
  const larger = new (old.constructor as new (length: number) => A)(length);
  larger.set(old);
  return larger;
};
