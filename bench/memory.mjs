/** How much memory is in use: what is reachable, measured after collections. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/**
 * Bytes after two collections, so that what was let go of is not counted.
 *
 * @returns inUse: objects and typed arrays; rss: what the process holds of the machine's memory, room to spare included
 */
export const memoryInUse = () => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { inUse: heapUsed + arrayBuffers, rss };
};
