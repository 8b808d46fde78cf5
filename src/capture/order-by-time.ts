/** Captures in the order of their first packets, as rotated files have to be read. */
import type { FrameSink } from '../packet/frame-sink.ts';
import { openCapture } from './open-capture.ts';

const PEEK_BYTES = 1 << 14;

/** Time of the first packet of a capture, UTC microseconds; undefined for what is no capture or has no timed packet. */
export const firstPacketAt = async (path: string): Promise<number | undefined> => {
  // Standard input can be read only once.
  if (path === '-') return undefined;
  let first: number | undefined;
  const sink: FrameSink = {
    frame(_bytes, _start, _captured, _original, at) {
      first ??= at;
    },
  };
  try {
    const capture = await openCapture(path, sink, PEEK_BYTES);
    try {
      while (first === undefined && (await capture.step()));
      return capture.tally.isTimed ? first : undefined;
    } finally {
      await capture.close();
    }
  } catch {
    // Whoever reads the input meets the same error, and is the one to tell it.
    return undefined;
  }
};

/**
 * The same inputs in the order of their first packets; equal times keep their order, and inputs without a time come last.
 *
 * Opens each input for its first buffer, one after the other.
 */
export const orderByTime = async <T extends { readonly path: string }>(inputs: readonly T[]): Promise<T[]> => {
  const timed: { readonly input: T; readonly at: number }[] = [];
  for (const input of inputs) timed.push({ input, at: (await firstPacketAt(input.path)) ?? Number.POSITIVE_INFINITY });
  // Infinity minus itself is no number, so that times are compared and not subtracted.
  return timed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ input }) => input);
};
