/** A Parquet file to standard output. It is written whole before its first byte can go out: its index is at the end. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SondeError } from '../kit/errors.ts';
import type { TicketSnapshot } from '../store/index.ts';

/** The rows of a query, in a file that has no name any more while it is sent: nothing stays if the reader goes away. */
export const sendParquet = async (
  snapshot: TicketSnapshot,
  sql: string,
  parameters: Parameters<TicketSnapshot['userParquet']>[2],
  limits: Parameters<TicketSnapshot['userParquet']>[3],
): Promise<void> => {
  if (process.stdout.isTTY) {
    throw new SondeError('SONDE_USAGE', 'a terminal cannot show Parquet', {}, 'send it to a file: ... > flows.parquet');
  }
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'));
  const path = join(folder, 'rows.parquet');
  const file = await snapshot
    .userParquet(sql, path, parameters, limits)
    .then(() => open(path))
    .finally(() => rm(folder, { recursive: true }));
  await pipeline(file.createReadStream(), process.stdout, { end: false });
};
