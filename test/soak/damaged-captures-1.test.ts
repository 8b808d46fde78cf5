/** Damaged captures, first half. */
import { soakDamaged } from './damaged.ts';

soakDamaged(0, 2);
