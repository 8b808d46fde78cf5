/** Tries again what servers refuse or leave without an answer for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from './server.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/**
 * Calls `work` until it succeeds, with pauses that grow; throws its last error if that does not pass, or when the patience
 * is over.
 *
 * @param work is told how many times it was called before
 */
export const retry = async <T>(patienceMs: number, work: (tries: number) => Promise<T>): Promise<T> => {
  const until = Date.now() + patienceMs;
  for (let tries = 0; ; tries++) {
    try {
      return await work(tries);
    } catch (error) {
      if (!(error instanceof ServerError && error.isPassing) || Date.now() > until) throw error;
      // Writers that were refused together do not come again together.
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2));
    }
  }
};
