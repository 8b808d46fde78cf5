/** The CSV of AS ranges (first, last, asn, organisation; addresses as decimal numbers) made into a table of steps. */
import { readFile } from 'node:fs/promises';
import { parseCsvLine } from '../kit/csv-line.ts';
import { SondeError } from '../kit/errors.ts';
import { StepBuilder } from './step-builder.ts';
import type { StepTable } from './step-table.ts';
import type { SystemList } from './system-list.ts';

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d{1,39}$/.test(text);

/**
 * @param bits width of the addresses in the file
 * @param systems takes the systems that the table's values stand for
 * @throws SondeError SONDE_DATABASE_INVALID with file and line
 */
export const compileSystems = async (file: string, bits: 32 | 128, systems: SystemList): Promise<StepTable> => {
  const builder = new StepBuilder(bits);
  let line = 0;
  for (const text of (await readFile(file, 'utf8')).split('\n')) {
    line++;
    if (text === '') continue;
    const [first, last, asn, org] = parseCsvLine(text.trimEnd()) ?? [];
    const valid =
      isNumber(first) &&
      isNumber(last) &&
      isNumber(asn) &&
      org !== undefined &&
      builder.add(BigInt(first), BigInt(last), systems.index(Number(asn), org));
    if (!valid) {
      throw new SondeError('SONDE_DATABASE_INVALID', 'not a range of addresses in ascending order', { file, line });
    }
  }
  return builder.build();
};
