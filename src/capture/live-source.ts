/** Where the bytes of a live capture come from: a child process, or a pipe into standard input. */
import type { Readable } from 'node:stream';
import type { SondeError } from '../kit/errors.ts';
import type { Losses } from './capture-losses.ts';

export interface LiveSource {
  /** A capture, in pieces as they come. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Asks for the end: what was captured until now still comes, and then `chunks` ends. */
  stop(): void;
  /** Packets lost so far. */
  losses(): Promise<Losses>;
  /** Once `chunks` has ended: why it ended, if nobody had asked for it. */
  failure(): Promise<SondeError | undefined>;
  /** Ends it at once, whatever it holds. */
  abandon(): void;
}

/** A pipe that some other program writes a capture to. What it holds when it is stopped is not waited for. */
export const pipedCapture = (input: Readable): LiveSource => {
  let stop = (): void => {};
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  async function* untilStopped(): AsyncGenerator<Uint8Array> {
    const chunks = input[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), stopped]);
      if (next === undefined || next.done === true) break;
      yield next.value as Uint8Array;
    }
    input.destroy();
  }
  return {
    chunks: untilStopped(),
    stop: () => stop(),
    losses: async () => ({}),
    failure: async () => undefined,
    abandon: () => input.destroy(),
  };
};
