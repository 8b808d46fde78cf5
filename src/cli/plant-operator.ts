/** A planted operator into a store: as one import, labelled by the same code as a capture. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECOND } from '../kit/time.ts';
import { importId } from '../pipeline/import-id.ts';
import { importMeasures, type MeasureSummary } from '../pipeline/import-measures.ts';
import { measuresOf } from '../synth/operator/measures-of.ts';
import type { OperatorOptions } from '../synth/operator/operator-options.ts';
import { type PlantedOperator, plantedOperator } from '../synth/operator/planted-operator.ts';
import type { CommonOptions } from './command-line.ts';
import { defaultFlags } from './default-flags.ts';
import type { Terminal } from './terminal.ts';
import { openWorkspace, type ShapeFlags } from './workspace.ts';

export interface PlantFlags extends CommonOptions {
  readonly vantage: string;
  readonly keepAddresses?: true;
  readonly keyFile?: string;
  readonly rules?: readonly string[];
}

export interface Planted {
  readonly operator: PlantedOperator;
  /** Undefined if the store has it already. */
  readonly summary: MeasureSummary | undefined;
}

/** What is planted, without the silence that ends a burst, which shapes the rows. */
export type PlantOptions = Omit<OperatorOptions, 'burstIdleUs'>;

/** Writes all tickets of the operator, once: the same again leaves the store as it is. @param onProgress hears of flows */
export const plantOperator = async (
  options: PlantOptions,
  flags: PlantFlags,
  env: Terminal['env'],
  onProgress: (flows: number) => void,
): Promise<Planted> => {
  const operator = plantedOperator({ ...options, burstIdleUs: defaultFlags.burstIdle * SECOND });
  // The overlay is read as if a person had named it: one way for whatever labels addresses.
  const folder = await mkdtemp(join(tmpdir(), 'sonde-planted-'));
  try {
    const asDatabase = join(folder, 'networks.csv');
    await writeFile(asDatabase, operator.overlay);
    const shapeFlags: ShapeFlags & CommonOptions = { ...defaultFlags, ...flags, asDatabase };
    const workspace = await openWorkspace(shapeFlags, env);
    const { store, shape } = workspace;
    const content = createHash('sha256').update(JSON.stringify(options)).digest('hex');
    const id = importId(content, { ...shape, kind: 'planted' });
    if (await store.hasImport(id)) return { operator, summary: undefined };
    const run = store.beginImport(id);
    try {
      const stream = { events: measuresOf(operator), name: options.preset.name };
      const summary = await importMeasures(stream, { ...workspace.options, source: id }, run, onProgress);
      await run.commit({ content });
      return { operator, summary };
    } catch (error) {
      await run.abort();
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
