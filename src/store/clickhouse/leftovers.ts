/** Sends what processes before this one had in the spool and could not deliver. */
import { rmdir } from 'node:fs/promises';
import type { Cluster } from './cluster.ts';
import { Delivery } from './delivery.ts';
import { takeLeft } from './spool.ts';

/**
 * Delivers the attempts that are complete in the spool; tells how many.
 *
 * @throws SONDE_STORE_WRITE_FAILED; what was not delivered stays in the spool
 */
export const deliverLeft = async (spool: string, cluster: Cluster, patienceMs: number): Promise<number> => {
  const left = await takeLeft(spool);
  for (const { id, folder, blocks, last } of left) {
    const delivery = new Delivery(id, cluster, patienceMs);
    for (const block of blocks) await delivery.send(block);
    await delivery.end(last);
    await rmdir(folder);
  }
  return left.length;
};
