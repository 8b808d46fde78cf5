/** An MMDB of countries (MaxMind DB format 2.0) made into a table of steps, by one walk over its search tree. */
import { readFile } from 'node:fs/promises';
import { type CountryResponse, Reader } from 'mmdb-lib';
import { SondeError } from '../kit/errors.ts';
import { formatAddress } from '../packet/address.ts';
import { countryCode } from './address-tables.ts';
import { StepBuilder } from './step-builder.ts';
import type { StepTable } from './step-table.ts';

/** What this database holds an address, unlike MaxMind's own. */
interface FlatCountry extends CountryResponse {
  readonly country_code?: string;
}

const toAddressText = (address: bigint, bits: 32 | 128): string =>
  formatAddress(Buffer.from(address.toString(16).padStart(bits / 4, '0'), 'hex'));

const walk = (database: Buffer): StepTable => {
  const reader = new Reader<FlatCountry>(database);
  const { nodeCount, recordSize, nodeByteSize, ipVersion } = reader.metadata;
  const bits = ipVersion === 4 ? 32 : 128;
  const builder = new StepBuilder(bits);
  /** By record: many leaves share few countries. */
  const codes = new Map<number, number>([[nodeCount, 0]]);
  let runStart = 0n;
  let runCode = 0;

  const close = (end: bigint): void => {
    if (runCode !== 0) builder.add(runStart, end - 1n, runCode);
  };
  const leaf = (record: number, start: bigint): void => {
    let code = codes.get(record);
    if (code === undefined) {
      code = countryCode(reader.get(toAddressText(start, bits))?.country_code ?? '');
      codes.set(record, code);
    }
    if (code === runCode) return;
    close(start);
    runStart = start;
    runCode = code;
  };
  const record = (node: number, side: 0 | 1): number => {
    const at = node * nodeByteSize;
    if (recordSize !== 28) return database.readUIntBE(at + side * (recordSize / 8), recordSize / 8);
    // The middle byte lends its high half to the left record and its low half to the right one.
    const high = side === 0 ? database[at + 3]! >> 4 : database[at + 3]! & 15;
    return high * 2 ** 24 + database.readUIntBE(at + 4 * side, 3);
  };
  const visit = (node: number, start: bigint, depth: number): void => {
    if (node >= nodeCount) leaf(node, start);
    else if (depth === bits) throw new RangeError('the search tree is deeper than an address');
    else {
      visit(record(node, 0), start, depth + 1);
      visit(record(node, 1), start | (1n << BigInt(bits - 1 - depth)), depth + 1);
    }
  };

  visit(0, 0n, 0);
  close(1n << BigInt(bits));
  return builder.build();
};

/** @throws SondeError SONDE_DATABASE_INVALID if the file is not a whole MMDB */
export const compileCountries = async (file: string): Promise<StepTable> => {
  const database = await readFile(file);
  try {
    return walk(database);
  } catch (cause) {
    throw new SondeError('SONDE_DATABASE_INVALID', 'not a readable MMDB', { file }, 'install the package again', cause);
  }
};
