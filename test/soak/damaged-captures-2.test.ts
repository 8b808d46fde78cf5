/** Damaged captures, second half. */
import { soakDamaged } from './damaged.ts';

soakDamaged(1, 2);
