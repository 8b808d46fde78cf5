/** A planted connection that never comes about: refused by the server, or not answered at all. */
import { TcpFlag } from '../packet/layers.ts';
import { type Frame, FrameBuilder } from './frame.ts';
import { Counter, type PlantedFlow } from './tally.ts';
import { initialSequence, plainSyn, type TcpScript } from './tcp-connection.ts';

export interface FailedScript extends Pick<TcpScript, 'path' | 'at' | 'syn'> {
  /** When the RST comes; without it nothing does, and the SYN is sent three times. */
  readonly serverRttUs?: number;
}

const { SYN, RST, ACK } = TcpFlag;

function* attempt({ path, at, serverRttUs, syn = plainSyn }: FailedScript, counter: Counter): Generator<Frame> {
  const { tally } = counter;
  const builder = new FrameBuilder(path);
  const sequence = initialSequence(at, path.client.port);
  const first = { sequence, acknowledgment: 0, flags: SYN, ...syn };
  yield counter.add(builder.tcp(at, 'up', first), 'up', 0);
  tally.up_syns = 1;
  tally.conn_state = 'S0';
  if (serverRttUs === undefined) {
    // RFC 6298: the time-out begins at one second and doubles.
    for (const afterUs of [1_000_000, 3_000_000]) {
      yield counter.add(builder.tcp(at + afterUs, 'up', first), 'up', 0);
    }
    tally.up_syns = tally.up_packets;
    return;
  }
  const reset = { sequence: 0, acknowledgment: sequence + 1, flags: RST | ACK, window: 0 };
  yield counter.add(builder.tcp(at + serverRttUs, 'down', reset), 'down', 0);
  tally.conn_state = 'REJ';
  tally.end_reason = 'rst';
}

/** A connection that the server refuses, or does not answer. */
export const failedConnection = (script: FailedScript): PlantedFlow => {
  const counter = new Counter(script.path, 'tcp');
  return { at: script.at, frames: attempt(script, counter), tally: counter.tally };
};
