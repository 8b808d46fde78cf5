/** Planted datagrams between two ends. */
import { type Direction, type Frame, FrameBuilder, type Path } from './frame.ts';
import { Counter, type PlantedFlow } from './tally.ts';

export interface Datagram {
  /** UTC microseconds; datagrams are in the order of time. */
  readonly at: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
}

/** The datagrams of one path; there is at least one, and the first goes up. */
export const udpExchange = (path: Path, datagrams: readonly Datagram[]): PlantedFlow => {
  const counter = new Counter(path, 'udp');
  const builder = new FrameBuilder(path);
  function* frames(): Generator<Frame> {
    for (const { at, direction, bytes } of datagrams) {
      counter.tally.conn_state = direction === 'down' ? 'SF' : counter.tally.conn_state || 'S0';
      yield counter.datagram(builder.udp(at, direction, bytes), direction, bytes.length);
    }
  }
  return { at: datagrams[0]!.at, frames: frames(), tally: counter.tally };
};
