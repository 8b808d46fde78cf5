/** A planted connection that never comes about: refused by the server, or not answered at all. */
import { TcpFlag } from '../packet/layers.ts';
import { opaque } from './payload.ts';
import type { PlantedFlow } from './tally.ts';
import { ofSegments } from './tcp-connection.ts';
import { initialSequence, plainSyn, type Segment, type TcpScript } from './tcp-segments.ts';

export interface FailedScript extends Pick<TcpScript, 'path' | 'at' | 'syn'> {
  /** When the RST comes; without it nothing does, and the SYN is sent three times. */
  readonly serverRttUs?: number;
}

const { SYN, RST, ACK } = TcpFlag;

/** The segments in the order of time. */
function* failedSegments({ path, at, serverRttUs, syn = plainSyn }: FailedScript): Generator<Segment, void> {
  const none = { payload: opaque(0), offset: 0, count: 0, fault: undefined };
  const sequence = initialSequence(at, path.client.port);
  const first: Segment = { at, direction: 'up', flags: SYN, sequence, acknowledgment: 0, syn, ...none };
  yield first;
  if (serverRttUs === undefined) {
    // RFC 6298: the time-out begins at one second and doubles.
    for (const afterUs of [1_000_000, 3_000_000]) yield { ...first, at: at + afterUs };
    return;
  }
  const flags = RST | ACK;
  const acknowledgment = sequence + 1;
  yield { at: at + serverRttUs, direction: 'down', flags, sequence: 0, acknowledgment, syn: undefined, ...none };
}

/** A connection that the server refuses, or does not answer. */
export const failedConnection = (script: FailedScript): PlantedFlow =>
  ofSegments(script.path, script.at, () => failedSegments(script));
