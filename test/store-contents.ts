/** What a store shows, table by table: how many rows, and a sum of hashes of whole rows, in which their order does not count. */
import { expect } from 'vitest';
import { openStore } from '../src/store/index.ts';
import { tables } from '../src/tickets/index.ts';

export const tableNames = tables.map(({ name }) => name);

export type Contents = Readonly<Record<string, readonly [rows: number, hashes: bigint]>>;

/** @param without columns that do not count */
export const contentsOf = async (folder: string, without: readonly string[] = []): Promise<Contents> => {
  const store = await openStore(folder);
  const snapshot = await store.snapshot();
  try {
    const contents: Record<string, readonly [number, bigint]> = {};
    for (const { name, columns } of tables) {
      const kept = Object.keys(columns).filter((column) => !without.includes(column));
      const sql = `SELECT count(*) AS n, coalesce(sum(hash(row(${kept.join(', ')}))), 0)::VARCHAR AS hashes FROM ${name}`;
      const [row] = await (await snapshot.query(sql)).rows();
      contents[name] = [Number(row!.n), BigInt(row!.hashes as string)];
    }
    expect(snapshot.problems).toEqual([]);
    return contents;
  } finally {
    await snapshot.close();
  }
};

export const nothing: Contents = Object.fromEntries(tableNames.map((name) => [name, [0, 0n] as const]));
