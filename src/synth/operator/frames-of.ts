/** A planted operator for those who capture: all of its packets. */
import type { Frame } from '../frame.ts';
import { type Opening, play } from '../play.ts';
import { tcpConnection } from '../tcp-connection.ts';
import { lookupFrame } from './lookup.ts';
import type { PlantedOperator } from './planted-operator.ts';

function* openingsOf({ events }: Pick<PlantedOperator, 'events'>): Generator<Frame | Opening> {
  for (const [at, event] of events) {
    if (event.kind === 'connection') yield { at, frames: tcpConnection(event.script).frames };
    else yield lookupFrame(event.lookup, at, event.kind === 'question' ? 'up' : 'down');
  }
}

/** In the order of time, made while they are read; memory holds a frame a connection that is open. */
export const framesOf = (operator: Pick<PlantedOperator, 'events'>): Generator<Frame> => play([openingsOf(operator)]);
