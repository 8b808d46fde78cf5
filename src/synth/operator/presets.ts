/** The presets of planted operators, by name. */
import { campus } from './campus.ts';
import { island } from './island.ts';
import { metropolis } from './metropolis.ts';
import { nightShift } from './night-shift.ts';
import type { OperatorPreset } from './preset.ts';
import { whatsapp2014 } from './whatsapp-2014.ts';
import { wide } from './wide.ts';

/** The first follows a study; the others differ from it in every quantity, so that no estimator is right by knowing that one. */
export const presets: readonly OperatorPreset[] = [whatsapp2014, island, metropolis, nightShift, campus, wide];
