/** Captures into a store, one stream after the other, under one set of options. */
import { basename } from 'node:path';
import { openCapture } from '../capture/open-capture.ts';
import { openAddressDatabase } from '../enrich/address-database.ts';
import { SECOND } from '../kit/time.ts';
import { defaultLocalNets, parseNets } from '../packet/address-set.ts';
import { type ImportSummary, importCaptures } from '../pipeline/import-captures.ts';
import { hashContent, importId } from '../pipeline/import-id.ts';
import type { LabelOptions } from '../pipeline/labelled-tickets.ts';
import { loadKey } from '../privacy/key.ts';
import { type CommonOptions, openStoreOf } from './command-line.ts';
import { loadCatalog } from './load-catalog.ts';
import type { Progress } from './progress.ts';
import { type Spool, spool } from './spool-stdin.ts';

/** The options that shape rows, as they stand on the command line; idle times in seconds. */
export interface ImportFlags {
  readonly vantage: string;
  readonly keepAddresses?: true;
  readonly localNets?: string;
  readonly rules?: readonly string[];
  readonly asDatabase?: string;
  readonly keyFile?: string;
  readonly tcpIdle: number;
  readonly udpIdle: number;
  readonly synIdle: number;
  readonly burstIdle: number;
  readonly maxFlows: number;
}

/** What holds unless a person says otherwise. */
export const defaultFlags = { tcpIdle: 1800, udpIdle: 180, synIdle: 30, burstIdle: 1, maxFlows: 1 << 20 } as const;

export interface Imported {
  readonly name: string;
  readonly id: string;
  readonly state: 'imported' | 'already imported';
  /** Only of what was read now. */
  readonly summary?: ImportSummary;
}

export interface Importer {
  /** Imports the files of one stream, in the order given; `-` is standard input. */
  add(paths: readonly string[]): Promise<Imported>;
}

/** A capture? Asked before gigabytes of something else are hashed. Throws what `openCapture` throws. */
const requireCapture = async (path: string): Promise<void> => {
  const capture = await openCapture(path, { frame: () => {} }, 1 << 14);
  await capture.close();
};

const nameOf = (paths: readonly string[]): string => {
  const [first, ...others] = paths.map((path) => basename(path));
  return others.length === 0 ? first! : `${first} ... ${others.at(-1)} (${paths.length} files)`;
};

/** Opens store, key, rules and databases. */
export const startImporter = async (flags: CommonOptions & ImportFlags, progress: Progress): Promise<Importer> => {
  const localNets = flags.localNets === undefined ? defaultLocalNets : parseNets(flags.localNets.split(','));
  const catalog = loadCatalog(flags.rules);
  const addresses = await openAddressDatabase(flags.asDatabase === undefined ? {} : { overlay: flags.asDatabase });
  const key = loadKey(flags.keyFile === undefined ? {} : { path: flags.keyFile });
  const store = await openStoreOf(flags);
  await store.bindKey(key.fingerprint);
  const shape = {
    vantage: flags.vantage,
    keepAddresses: flags.keepAddresses === true,
    localNets: localNets.toString(),
    tcpIdle: flags.tcpIdle,
    udpIdle: flags.udpIdle,
    synIdle: flags.synIdle,
    burstIdle: flags.burstIdle,
    maxFlows: flags.maxFlows,
  };
  const options: Omit<LabelOptions, 'source'> = {
    vantage: flags.vantage,
    keepAddresses: flags.keepAddresses === true,
    localNets,
    tcpIdleUs: flags.tcpIdle * SECOND,
    udpIdleUs: flags.udpIdle * SECOND,
    synIdleUs: flags.synIdle * SECOND,
    burstIdleUs: flags.burstIdle * SECOND,
    maxFlows: flags.maxFlows,
    key,
    catalog,
    addresses,
  };

  return {
    async add(paths) {
      const spools = new Map<string, Spool>();
      for (const path of paths) {
        if (path === '-') spools.set(path, await spool(process.stdin));
        else await requireCapture(path);
      }
      const inputs = (): (string | AsyncIterable<Uint8Array>)[] =>
        paths.map((path) => spools.get(path)?.read() ?? path);
      try {
        const name = nameOf(paths);
        const content = await hashContent(inputs());
        const id = importId(content.sha256, shape);
        if (await store.hasImport(id)) return { name, id, state: 'already imported' };
        const run = store.beginImport(id);
        try {
          const stream = { inputs: inputs(), name, ...content };
          const summary = await importCaptures(stream, { ...options, source: id }, run, (at) => {
            progress.update(name, at.bytesRead, at.totalBytes, at.packets);
          });
          const { added } = await run.commit();
          return added ? { name, id, state: 'imported', summary } : { name, id, state: 'already imported' };
        } catch (error) {
          await run.abort();
          throw error;
        } finally {
          progress.clear();
        }
      } finally {
        for (const { close } of spools.values()) await close();
      }
    },
  };
};
