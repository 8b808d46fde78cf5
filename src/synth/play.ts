/** Plays overlapping flows as one capture: a heap that always hands over the earliest frame. */
import { Heap } from '../kit/heap.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import type { Frame } from './frame.ts';

/** A flow that starts: frames in the order of time, made while they are played. */
export interface Opening {
  readonly at: number;
  readonly frames: Iterator<Frame>;
  /** What it must be measured as; without it that is not known before its packets were played. */
  readonly measure?: (burstIdleUs: number) => MeasuredFlow;
}

type Source = Iterator<Frame | Opening>;

/**
 * All that happens in all sources, in the order of time. A source yields the openings of its flows in the order of time;
 * of the flows that are to be played it is asked for the next frame only when the one before was handed over, so that
 * memory holds one frame a flow.
 */
function* merge(sources: Iterable<Source>, isPlayed: (opening: Opening) => boolean): Generator<Frame | Opening> {
  const heap = new Heap<{ readonly event: Frame | Opening; readonly source: Source }>();
  const advance = (source: Source): void => {
    const { done, value } = source.next();
    if (!done) heap.add(value.at, { event: value, source });
  };
  for (const source of sources) advance(source);
  for (let next = heap.take(); next !== undefined; next = heap.take()) {
    const { event, source } = next;
    advance(source);
    if ('frames' in event && isPlayed(event)) advance(event.frames);
    else yield event;
  }
}

/** All frames of all sources in the order of time. */
export const play = (sources: Iterable<Source>): Generator<Frame> => merge(sources, () => true) as Generator<Frame>;

/** Flows that can be measured without their packets when they open, and the frames of all others. */
export function* measure(sources: Iterable<Iterator<Opening>>, burstIdleUs: number): Generator<Frame | MeasuredFlow> {
  for (const event of merge(sources, ({ measure }) => measure === undefined)) {
    if (!('frames' in event)) yield event;
    else if (event.measure !== undefined) yield event.measure(burstIdleUs);
  }
}
