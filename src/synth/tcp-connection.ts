/** A planted TCP connection as packets. */
import { type Frame, FrameBuilder, type Path } from './frame.ts';
import { measureTurns } from './measure-turns.ts';
import { Meter } from './meter.ts';
import { Counter, type PlantedFlow } from './tally.ts';
import { type Segment, type TcpScript, tcpSegments, WINDOW } from './tcp-segments.ts';

function* toFrames(path: Path, segments: Iterable<Segment>, counter: Counter): Generator<Frame> {
  const builder = new FrameBuilder(path);
  for (const segment of segments) {
    const { at, direction, sequence, acknowledgment, flags, syn, payload, offset, count } = segment;
    counter.segment(segment);
    const header = { sequence, acknowledgment, flags, window: WINDOW, ...syn };
    yield builder.tcp(at, direction, header, payload, offset, count);
  }
}

/**
 * A connection of segments that are made while they are asked for.
 *
 * @param segments begins to make them, each time the same
 */
export const ofSegments = (path: Path, at: number, segments: () => Iterable<Segment>): PlantedFlow => {
  const counter = new Counter(path, 'tcp');
  return {
    at,
    frames: toFrames(path, segments(), counter),
    tally: counter.tally,
    measure: (burstIdleUs) => {
      const meter = new Meter(path, burstIdleUs);
      for (const segment of segments()) meter.read(segment);
      return meter;
    },
  };
};

/** A connection that is accepted. */
export const tcpConnection = (script: TcpScript): PlantedFlow => ({
  ...ofSegments(script.path, script.at, () => tcpSegments(script)),
  measure: (burstIdleUs) => measureTurns(script, burstIdleUs),
});
