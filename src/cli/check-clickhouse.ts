/** What the doctor looks at in a store that is a ClickHouse. */
import { counted, formatValue } from '../analysis/format.ts';
import type { ClickhouseStore } from '../store/index.ts';
import { type Check, checkCaptures, checkRoom } from './check-store.ts';
import { describeCluster } from './clickhouse-status.ts';

const checkTables = async (store: ClickhouseStore): Promise<string> => {
  const tables = await store.inventory();
  const sum = (name: 'rows' | 'parts' | 'bytes'): number => tables.reduce((total, one) => total + one[name], 0);
  return `${formatValue('count', sum('rows'))} rows in ${sum('parts')} parts, ${formatValue('bytes', sum('bytes'))}`;
};

const checkHidden = async (store: ClickhouseStore): Promise<string> => {
  const hidden = await store.hidden();
  const attempts = new Set(hidden.map(({ attempt }) => attempt));
  const rows = hidden.reduce((sum, one) => sum + one.rows, 0);
  if (rows === 0) return 'none is hidden';
  return `${counted(rows, 'row')} of ${counted(attempts.size, 'attempt')} hidden, which run or broke off`;
};

const checkDisks = async (store: ClickhouseStore): Promise<string> => {
  const free = await store.freeBytes();
  return free === undefined ? 'this version does not tell' : `${checkRoom(free, { db: store.path })} where least is`;
};

export const clickhouseChecks = (store: ClickhouseStore, now: Date): readonly Check[] => [
  { name: 'store', run: async () => describeCluster(store) },
  { name: 'tables', run: () => checkTables(store) },
  { name: 'imports', run: () => checkHidden(store) },
  { name: 'captures', run: () => checkCaptures(store, now) },
  { name: 'disk', run: () => checkDisks(store) },
];
