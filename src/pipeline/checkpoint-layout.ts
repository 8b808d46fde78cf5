/** What a state is made of, as a fingerprint: a program with another one must not read it. */
import { createHash } from 'node:crypto';
import { Double, FlowBit, RECORD_WORDS, Word } from '../probe/flow-record.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

/** To be raised when the meaning of a state changes and neither the fields nor the flow record show it. */
const FORMAT = 1;

/** The names of its fields and the kinds of their values, all the way down. */
const shapeOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set) return value.constructor.name;
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]);
};

/** 16 hexadecimal characters; from the state of a stream that has not begun. */
export const checkpointLayout = (options: LabelOptions): string => {
  const shape = shapeOf(new LabelledTickets(options).checkpoint());
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, RECORD_WORDS, Word, Double, FlowBit, shape]))
    .digest('hex')
    .slice(0, 16);
};
