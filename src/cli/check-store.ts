/** What the doctor looks at in a store of either kind. */
import { formatValue } from '../analysis/format.ts';
import { SondeError } from '../kit/errors.ts';
import { toIsoTime } from '../kit/time.ts';
import type { TicketStore } from '../store/index.ts';
import { silentStreams } from './silent-streams.ts';

const LOW_DISK_BYTES = 1e9;

export interface Check {
  readonly name: string;
  /** Resolves to what is well; throws a SondeError for what is not. */
  readonly run: () => Promise<string>;
}

/** A capture that broke off is no fault of the store: it has what the last commit showed. */
export const checkCaptures = async (store: TicketStore, now: Date): Promise<string> => {
  const silent = new Set(await silentStreams(store, now));
  const snapshot = await store.snapshot();
  try {
    const rows = await (await snapshot.query("SELECT id, name, last_at FROM imports WHERE state = 'running'")).rows();
    const broken = rows.filter(({ id }) => silent.has(String(id)));
    const named = broken.map(({ id, name, last_at }) => {
      const until = last_at === null ? 'without a packet' : `until ${toIsoTime(Number(last_at))}`;
      return `${name} (${id}, ${until})`;
    });
    const running = `${rows.length - broken.length} running`;
    return named.length === 0 ? running : `${running}; broken off, complete to their last commit: ${named.join(', ')}`;
  } finally {
    await snapshot.close();
  }
};

/** Is there room where the store is? `place` tells where that is. */
export const checkRoom = (free: number, place: Readonly<Record<string, string>>): string => {
  if (free < LOW_DISK_BYTES) {
    throw new SondeError('SONDE_STORE_WRITE_FAILED', `only ${formatValue('bytes', free)} are free`, place, 'make room');
  }
  return `${formatValue('bytes', free)} free`;
};
