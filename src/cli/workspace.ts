/** What all commands need that write tickets: store, key, rules and databases under one set of options. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openAddressDatabase } from '../enrich/address-database.ts';
import { readTacTable } from '../enrich/os/tac-table.ts';
import { readSessionFile, type SessionFile } from '../imports/session-file.ts';
import { SECOND } from '../kit/time.ts';
import { defaultLocalNets, parseNets } from '../packet/address-set.ts';
import type { LabelOptions } from '../pipeline/labelled-tickets.ts';
import { defaultKeyPath, loadKey } from '../privacy/key.ts';
import { isAddress, type TicketStore } from '../store/index.ts';
import type { CommonOptions } from './command-line.ts';
import { LiveRules } from './live-rules.ts';
import { openStoreOf } from './open-store.ts';
import type { Terminal } from './terminal.ts';

/** The options that shape rows, as they stand on the command line; idle times in seconds. */
export interface ShapeFlags {
  readonly vantage: string;
  readonly keepAddresses?: true;
  readonly keepQuery?: true;
  readonly localNets?: string;
  readonly rules?: readonly string[];
  readonly asDatabase?: string;
  readonly tac?: string;
  readonly keyFile?: string;
  readonly tcpIdle: number;
  readonly udpIdle: number;
  readonly synIdle: number;
  readonly burstIdle: number;
  readonly maxFlows: number;
  readonly gtpPorts: readonly number[];
  readonly sessions?: string;
  readonly sha256?: true;
}

export interface Workspace {
  readonly store: TicketStore;
  readonly options: Omit<LabelOptions, 'source'>;
  /** Those of the options, and what becomes of them. */
  readonly rules: LiveRules;
  /** What `--sessions` named. */
  readonly sessions: SessionFile | undefined;
  /** What of the options makes rows differ: part of an import's id. */
  readonly shape: Readonly<Record<string, string | number | boolean>>;
  /** Where the checkpoints of this store and vantage are: beside the key, and never in the store. */
  readonly checkpoints: string;
}

/** Opens it all. */
export const openWorkspace = async (flags: CommonOptions & ShapeFlags, env: Terminal['env']): Promise<Workspace> => {
  const localNets = flags.localNets === undefined ? defaultLocalNets : parseNets(flags.localNets.split(','));
  const rules = new LiveRules(flags.rules);
  const addresses = await openAddressDatabase(flags.asDatabase === undefined ? {} : { overlay: flags.asDatabase });
  const handsets = flags.tac === undefined ? undefined : await readTacTable(flags.tac);
  const keyPath = flags.keyFile ?? defaultKeyPath();
  const key = loadKey({ path: keyPath });
  const store = await openStoreOf(flags, env);
  await store.bindKey(key.fingerprint);
  const sessions = flags.sessions === undefined ? undefined : await readSessionFile(flags.sessions);
  const { vantage, tcpIdle, udpIdle, synIdle, burstIdle, maxFlows, gtpPorts } = flags;
  const keepAddresses = flags.keepAddresses === true;
  const keepQuery = flags.keepQuery === true;
  const place = createHash('sha256')
    .update(JSON.stringify([isAddress(store.path) ? store.path : realpathSync(store.path), vantage]))
    .digest('hex')
    .slice(0, 16);
  return {
    store,
    rules,
    sessions,
    options: {
      vantage,
      keepAddresses,
      keepQuery,
      localNets,
      tcpIdleUs: tcpIdle * SECOND,
      udpIdleUs: udpIdle * SECOND,
      synIdleUs: synIdle * SECOND,
      burstIdleUs: burstIdle * SECOND,
      maxFlows,
      gtpPorts,
      key,
      catalog: rules.catalog,
      addresses,
      ...(handsets === undefined ? {} : { handsets }),
      ...(sessions === undefined ? {} : { sessionFeed: sessions.feed }),
    },
    shape: {
      vantage,
      keepAddresses,
      keepQuery,
      localNets: localNets.toString(),
      tcpIdle,
      udpIdle,
      synIdle,
      burstIdle,
      maxFlows,
      gtpPorts: gtpPorts.join(','),
      ...(handsets === undefined ? {} : { handsets: handsets.sha256 }),
      ...(sessions === undefined ? {} : { sessions: sessions.sha256 }),
    },
    checkpoints: join(dirname(keyPath), 'streams', place),
  };
};
