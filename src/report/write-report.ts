/** Writes the report of a service: runs the analyses and puts the page into a folder. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../analysis/analysis.ts';
import { analyses } from '../analysis/index.ts';
import type { Query } from '../analysis/query.ts';
import { runAnalysis } from '../analysis/run-analysis.ts';
import { SondeError } from '../kit/errors.ts';
import { readImports } from './imports.ts';
import { type ReportSection, renderReport } from './render-report.ts';

export interface ReportOptions {
  /** Made if it is not there; a report that is there is replaced. */
  readonly folder: string;
  readonly query: Query;
  /** What the report is about; it needs a service. */
  readonly scope: Scope & { readonly service: string };
}

/**
 * Writes `index.html` and resolves to its path and to what it tells.
 *
 * @throws SondeError `SONDE_OUTPUT_UNWRITABLE` if the folder cannot be written; whatever the query throws
 * @example
 * const { path } = await writeReport({ folder: 'report', query, scope: { service: 'whatsapp', timezone: 'UTC' } });
 */
export const writeReport = async ({
  folder,
  query,
  scope,
}: ReportOptions): Promise<{ readonly path: string; readonly sections: readonly ReportSection[] }> => {
  const imports = await readImports(query);
  const sections: ReportSection[] = [];
  for (const analysis of analyses) sections.push({ analysis, cards: await runAnalysis(analysis, query, scope) });
  const page = renderReport({ service: scope.service, timezone: scope.timezone, imports, sections });
  const path = join(folder, 'index.html');
  try {
    await mkdir(folder, { recursive: true });
    // Aside first: a reader of the old report never sees half of the new one.
    await writeFile(`${path}.part`, page);
    await rename(`${path}.part`, path);
  } catch (error) {
    throw new SondeError(
      'SONDE_OUTPUT_UNWRITABLE',
      'the report cannot be written',
      { file: path },
      'check that the folder can be written and the disk has room',
      error,
    );
  }
  return { path, sections };
};
