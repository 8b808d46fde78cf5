/** Which handset a type allocation code stands for (3GPP TS 23.003 6.2): a person's table, for none may be shipped. */
import { createHash } from 'node:crypto';
import { parseCsvLine } from '../../kit/csv-line.ts';
import { SondeError } from '../../kit/errors.ts';
import { readDatabaseFile } from '../read-database-file.ts';
import { anyOs, type OsName, type OsSet, osNames, osSet } from './os-set.ts';

export interface Handset {
  /** Its system; `anyOs` where the table does not tell and the brand has several. */
  readonly systems: OsSet;
  /** Brand and model. */
  readonly device: string;
}

export interface TacTable {
  /** Hash of the file, hexadecimal. */
  readonly sha256: string;
  /** The handset of a TAC, or of an IMEI that begins with it. */
  handset(imei: string): Handset | undefined;
}

const TAC_DIGITS = 8;
const header = ['tac', 'brand', 'model', 'os'];

/** Brands that had one system only. */
const brandSystems: Readonly<Record<string, OsName>> = {
  apple: 'iOS',
  'research in motion': 'BlackBerry',
  rim: 'BlackBerry',
  google: 'Android',
  xiaomi: 'Android',
};

/** Other words for them; `Android 4.4` and the like are understood without. */
const aliases: readonly (readonly [RegExp, OsName])[] = [
  [/^(?:iphone|ipad) ?os\b/i, 'iOS'],
  [/^(?:mac os|os) x\b/i, 'macOS'],
  [/^series ?40\b/i, 'S40'],
  [/^series ?60\b/i, 'Symbian'],
];

/** Longest first, for Windows Phone begins with Windows. */
const namesByLength = [...osNames].sort((a, b) => b.length - a.length);

const systemsOf = (os: string, brand: string): OsSet => {
  const words = os.toLowerCase();
  const name =
    os === ''
      ? brandSystems[brand.toLowerCase()]
      : (namesByLength.find((one) => words.startsWith(one.toLowerCase())) ??
        aliases.find(([pattern]) => pattern.test(os))?.[1]);
  return name === undefined ? anyOs : osSet(name);
};

/**
 * Reads a CSV with the header `tac,brand,model` and, if wanted, `os`. Of lines with the same TAC the last one holds. An
 * empty `os` is taken from the brand where that had one system only; one that is none of `osNames` leaves it open.
 *
 * @throws SondeError SONDE_DATABASE_INVALID with file and line
 */
export const readTacTable = async (file: string): Promise<TacTable> => {
  const content = await readDatabaseFile(file);
  const invalid = (line: number, why: string): SondeError =>
    new SondeError(
      'SONDE_DATABASE_INVALID',
      `the line cannot be used: ${why}`,
      { file, line },
      'the columns are tac,brand,model and, if wanted, os; a TAC has 8 digits',
    );
  const lines = content
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const names = parseCsvLine(lines[0]!)?.map((name) => name.trim().toLowerCase()) ?? [];
  if (names.length < 3 || names.length > 4 || names.some((name, i) => name !== header[i])) {
    throw invalid(1, 'it is not the expected header');
  }
  const handsets = new Map<string, Handset>();
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line === '') continue;
    const fields = parseCsvLine(line)?.map((field) => field.trim());
    if (fields?.length !== names.length) throw invalid(i + 1, `it has not ${names.length} fields`);
    const [tac, brand, model, os = ''] = fields as [string, string, string, string?];
    if (!/^\d{8}$/.test(tac)) throw invalid(i + 1, `'${tac}' is no TAC`);
    handsets.set(tac, { systems: systemsOf(os, brand), device: `${brand} ${model}`.trim() });
  }
  return {
    sha256: createHash('sha256').update(content).digest('hex'),
    handset: (imei) => handsets.get(imei.slice(0, TAC_DIGITS)),
  };
};
