/** A file of key performance indicators: CSV with the columns `at,name,dimension,value`, of which `dimension` may lack. */
import { SondeError } from '../kit/errors.ts';
import { parseTime } from '../kit/parse-time.ts';
import { type CsvAccount, headerOf, readCsv } from './csv-file.ts';

const kpiColumns = ['at', 'name', 'dimension', 'value'] as const;

/** They are put in order in memory. */
const MAX_VALUES = 1 << 22;
/** Of a name or a dimension. */
const MAX_WORD_CHARACTERS = 200;

interface Kpi {
  /** UTC microseconds. */
  readonly at: number;
  readonly name: string;
  readonly dimension: string;
  readonly value: number;
}

export interface KpiFile extends CsvAccount {
  /** In the order of time; those of one time as they stand in the file. */
  readonly values: readonly Kpi[];
}

const isEnough = (has: (column: (typeof kpiColumns)[number]) => boolean): boolean =>
  has('at') && has('name') && has('value');

/** Does a file begin like one of these? */
export const beginsLikeKpi = (firstLine: string): boolean => {
  const names = headerOf(firstLine);
  return isEnough((column) => names.includes(column));
};

const parseKpi = (cell: (column: (typeof kpiColumns)[number]) => string): Kpi | string => {
  const at = parseTime(cell('at'));
  if (at === undefined) return `at '${cell('at')}' is no time`;
  const name = cell('name');
  if (name === '') return 'it has no name';
  const dimension = cell('dimension');
  if (name.length > MAX_WORD_CHARACTERS || dimension.length > MAX_WORD_CHARACTERS) {
    return `its name or dimension is longer than ${MAX_WORD_CHARACTERS} characters`;
  }
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(cell('value'))) return `value '${cell('value')}' is no number`;
  const value = Number(cell('value'));
  return Number.isFinite(value) ? { at, name, dimension, value } : `value '${cell('value')}' is too large`;
};

/**
 * Reads the file into memory. Lines that cannot be used are counted, and the first of them told.
 *
 * @param name of the input, for errors
 * @throws SondeError SONDE_INPUT_UNREADABLE, or SONDE_KPI_INVALID if it has unknown columns, no line that can be used, or
 * too many
 */
export const readKpiFile = async (input: string | AsyncIterable<Uint8Array>, name: string): Promise<KpiFile> => {
  const values: Kpi[] = [];
  const invalid = (message: string, line?: number): SondeError =>
    new SondeError(
      'SONDE_KPI_INVALID',
      message,
      line === undefined ? { file: name } : { file: name, line },
      `the first line names the columns ${kpiColumns.join(',')}`,
    );
  const account = await readCsv(input, { columns: kpiColumns, isEnough, invalid }, (cell, line) => {
    const read = parseKpi(cell);
    if (typeof read === 'string') return read;
    if (values.length === MAX_VALUES) throw invalid(`it has more than ${MAX_VALUES} values: split it`, line);
    values.push(read);
    return undefined;
  });
  return { ...account, values: values.sort((a, b) => a.at - b.at) };
};
