/** HyperLogLog registers (Flajolet et al. 2007): how many distinct clients, mergeable where counts are not. */

/** 2^10 registers: a standard error of 1.04 / sqrt(1024) = 3.3 %. */
const REGISTER_BITS = 10;
export const HLL_REGISTERS = 1 << REGISTER_BITS;
/** Ranks are below this: 22 hash bits are left beside the register's. */
const RANK_BASE = 64;

/** Notes a value by its 32-bit hash. */
export const addToHll = (registers: Uint8Array, hash: number): void => {
  const register = hash >>> (32 - REGISTER_BITS);
  const rank = Math.clz32((hash << REGISTER_BITS) | (1 << (REGISTER_BITS - 1))) + 1;
  if (rank > registers[register]!) registers[register] = rank;
};

/** The registers that are not 0, each as register * 64 + rank: the column `users_hll`. */
export const packHll = (registers: Uint8Array): number[] => {
  const packed: number[] = [];
  for (let i = 0; i < HLL_REGISTERS; i++) if (registers[i]! > 0) packed.push(i * RANK_BASE + registers[i]!);
  return packed;
};
