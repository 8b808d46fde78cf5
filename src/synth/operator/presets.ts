/** The presets of planted operators, by name. */
import type { OperatorPreset } from './preset.ts';
import { whatsapp2014 } from './whatsapp-2014.ts';

export const presets: readonly OperatorPreset[] = [whatsapp2014];
