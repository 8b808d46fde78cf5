/** Live captures that have not committed for long: those of them that are 'running' were killed, or their machine was. */
import type { TicketStore } from '../store/index.ts';

/** A live capture that runs commits at least once a minute, news or none. */
const SILENT_MS = 3 * 60_000;

/** Their ids; those that ended well are among them. */
export const silentStreams = async (store: Pick<TicketStore, 'lastCommits'>, now: Date): Promise<string[]> =>
  [...(await store.lastCommits())].flatMap(([id, at]) => (now.getTime() - at > SILENT_MS ? [id] : []));
