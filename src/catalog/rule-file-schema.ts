/** The shape of `services/*.yaml`, as a schema; `docs/30-services.md` explains it to those who write them. */
import { z } from 'zod';
import { SECOND } from '../kit/time.ts';
import { normaliseName } from './name.ts';
import { acceptsName, compilePattern, type Pattern } from './pattern.ts';
import { compilePayloadPattern, type PayloadPattern } from './payload-pattern.ts';
import { type PatternKind, patternKinds } from './rule.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected a lower-case word: letters, digits and -');
const text = z.string().trim().min(1);

/** One value may stand for a list of one. */
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).min(1));

const patternOf = (kind: PatternKind) =>
  text.transform((written, context): Pattern => {
    const pattern = compilePattern(kind, written);
    if (typeof pattern !== 'string') return pattern;
    context.addIssue({ code: 'custom', message: `${kind} ${written}: ${pattern}` });
    return z.NEVER;
  });

const payloadPattern = text.transform((written, context): PayloadPattern => {
  const pattern = compilePayloadPattern(written);
  if (typeof pattern !== 'string') return pattern;
  context.addIssue({ code: 'custom', message: `payload ${written}: ${pattern}` });
  return z.NEVER;
});

/** The midnight (UTC microseconds) at which the day begins. */
const day = z.iso.date('expected a date like 2014-02-22').transform((date) => (Date.parse(date) / 1000) * SECOND);

const rule = z
  .strictObject({
    class: id,
    exact: oneOrMore(patternOf('exact')).optional(),
    suffix: oneOrMore(patternOf('suffix')).optional(),
    glob: oneOrMore(patternOf('glob')).optional(),
    regex: oneOrMore(patternOf('regex')).optional(),
    payload: oneOrMore(payloadPattern).optional(),
    ports: oneOrMore(z.int().min(1).max(65535)).optional(),
    protocol: id.optional(),
    asn: oneOrMore(z.int().min(1).max(4_294_967_295)).optional(),
    priority: z.int().optional(),
    valid_from: day.optional(),
    valid_until: day.optional(),
    source: oneOrMore(text),
    note: text.optional(),
    examples: oneOrMore(text).optional(),
  })
  .superRefine((rule, context) => {
    const problem = (message: string, ...path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path });
    const patterns = patternKinds.flatMap((kind) => rule[kind] ?? []);
    if (patterns.length === 0 && rule.payload === undefined) {
      const isPort = rule.ports !== undefined && rule.protocol !== undefined && rule.asn !== undefined;
      const kinds = patternKinds.join(', ');
      if (!isPort) problem(`a rule needs a name (${kinds}), a payload, or all of ports, protocol and asn`);
    }
    if (patterns.length > 0 && rule.payload !== undefined) {
      problem('a rule is of names or of payload: write two, so that it can be told which one decided', 'payload');
    }
    if (patterns.length > 0 && rule.asn !== undefined) problem('asn goes with payload or ports, not with names', 'asn');
    if ((rule.valid_from ?? -Infinity) >= (rule.valid_until ?? Infinity)) {
      problem(
        'valid_until must be after valid_from: it is the first day on which the rule no longer holds',
        'valid_until',
      );
    }
    for (const [i, example] of (rule.examples ?? []).entries()) {
      if (normaliseName(example) === '') problem(`${example} is not a host name`, 'examples', i);
      else if (!patterns.some((pattern) => acceptsName(pattern, example))) {
        problem(`no pattern of this rule matches ${example}`, 'examples', i);
      }
    }
  });

export const ruleFileSchema = z
  .strictObject({
    service: id,
    title: text,
    description: text.optional(),
    sources: z.record(id, text),
    rules: z.array(rule).min(1),
  })
  .superRefine((file, context) => {
    for (const [i, { source }] of file.rules.entries()) {
      for (const [j, id] of source.entries()) {
        if (Object.hasOwn(file.sources, id)) continue;
        context.addIssue({ code: 'custom', message: `${id} is not under sources`, path: ['rules', i, 'source', j] });
      }
    }
  });
