/** Plays overlapping flows as one capture: a heap that always hands over the earliest frame. */
import type { Frame } from './frame.ts';

/** A flow that starts: frames in the order of time, made while they are played. */
export interface Opening {
  readonly at: number;
  readonly frames: Iterator<Frame>;
}

type Scheduled = Frame | Opening;

interface Entry {
  event: Scheduled;
  /** Breaks ties, so that the order depends on nothing else. */
  turn: number;
  readonly source: Iterator<Scheduled>;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.event.at < b.event.at || (a.event.at === b.event.at && a.turn < b.turn);

/** Restores the heap below `at`: no entry is before its parent. */
const siftDown = (heap: Entry[], start: number): void => {
  const entry = heap[start]!;
  let at = start;
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, entry)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = entry;
};

const siftUp = (heap: Entry[], start: number): void => {
  const entry = heap[start]!;
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
};

/**
 * All frames of all sources in the order of time. A source yields the openings of its flows in the order of time;
 * a flow is asked for its next frame only when the one before was handed over, so that memory holds one frame a flow.
 */
export function* play(sources: Iterable<Iterator<Opening>>): Generator<Frame> {
  const heap: Entry[] = [];
  let turn = 0;
  const add = (source: Iterator<Scheduled>): void => {
    const next = source.next();
    if (next.done) return;
    heap.push({ event: next.value, turn: turn++, source });
    siftUp(heap, heap.length - 1);
  };
  for (const source of sources) add(source);
  while (heap.length > 0) {
    const top = heap[0]!;
    const { event } = top;
    const next = top.source.next();
    if (next.done) {
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        siftDown(heap, 0);
      }
    } else {
      top.event = next.value;
      top.turn = turn++;
      siftDown(heap, 0);
    }
    if ('frames' in event) add(event.frames);
    else yield event;
  }
}
