/** A planted operator for those who measure: connections as they must be measured, and the packets of the resolver. */
import type { MeasuredFlow } from '../../tickets/measured-flow.ts';
import type { Frame } from '../frame.ts';
import { LookupTemplates } from './lookup.ts';
import type { PlantedOperator } from './planted-operator.ts';

/** In the order of time. A frame is valid until the next one is asked for. */
export function* measuresOf({ events }: Pick<PlantedOperator, 'events'>): Generator<Frame | MeasuredFlow> {
  const templates = new LookupTemplates();
  for (const [at, event] of events) {
    if (event.kind === 'connection') yield event.measured;
    else yield templates.frame(event.lookup, at, event.kind === 'question' ? 'up' : 'down');
  }
}
