/** The compiled databases: which AS and which country an address belongs to. */
import type { StepTable } from './step-table.ts';

const decoder = new TextDecoder();

interface FamilyTables {
  /** Values are indexes into the list of systems. */
  readonly systems: StepTable;
  /** Values are `countryCode`s. */
  readonly countries: StepTable;
}

export interface AddressTables {
  readonly ipv4: FamilyTables;
  readonly ipv6: FamilyTables;
  /** AS number of each system; the one of index 0 stands for none. */
  readonly asns: Uint32Array;
  /** Where the organisation's name of each system ends in `orgText`; it begins where the one before ends. */
  readonly orgEnds: Uint32Array;
  /** UTF-8. */
  readonly orgText: Uint8Array;
}

/** Name of the organisation of a system, by its index. */
export const orgText = ({ orgEnds, orgText }: AddressTables, system: number): string =>
  decoder.decode(orgText.subarray(orgEnds[system - 1] ?? 0, orgEnds[system]));

/** Two letters as a number, 0 for ''. */
export const countryCode = (country: string): number =>
  country === '' ? 0 : (country.charCodeAt(0) << 8) | country.charCodeAt(1);

export const countryText = (code: number): string => (code === 0 ? '' : String.fromCharCode(code >> 8, code & 0xff));
