/** The text of a rule file to rules; what is wrong is told with file, line and column. */
import { createHash } from 'node:crypto';
import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { SondeError } from '../kit/errors.ts';
import { patternKinds, type Rule, type RuleFile } from './rule.ts';
import { ruleFileSchema } from './rule-file-schema.ts';

/** Far above any rule file written by hand, and little enough to parse at once. */
const maxLength = 4 << 20;

interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const invalid = (file: string, problems: readonly Problem[]): SondeError => {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const told = sorted.slice(0, 10).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  if (sorted.length > told.length) told.push(`... and ${sorted.length - told.length} more`);
  const { line = 1, column = 1 } = sorted[0] ?? {};
  return new SondeError('SONDE_RULES_INVALID', told.join('\n'), { file, line, column }, 'correct the rule file');
};

/** The node that an issue is about: the key if it should not be there, else as far down the path as the file goes. */
const nodeOf = (document: Document, issue: z.core.$ZodIssue): Node | null => {
  let node: unknown = document.contents;
  for (const step of issue.path) {
    const child: unknown = isCollection(node) ? node.get(step, true) : undefined;
    if (!isNode(child)) break;
    node = child;
  }
  if (issue.code === 'unrecognized_keys' && isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === issue.keys[0]);
    if (isNode(pair?.key)) node = pair.key;
  }
  return isNode(node) ? node : null;
};

const parseYaml = (file: string, text: string, lines: LineCounter): Document => {
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const problems = document.errors.map(({ pos, message }): Problem => {
      const { line, col } = lines.linePos(pos[0]);
      return { line, column: col, message };
    });
    if (problems.length > 0) throw invalid(file, problems);
    return document;
  } catch (error) {
    if (error instanceof SondeError) throw error;
    // A file nested deeper than the stack is high.
    throw invalid(file, [{ line: 1, column: 1, message: (error as Error).message }]);
  }
};

/** The plain values of a document; an alias to nowhere, or aliases that multiply without end, are told. */
const toValues = (file: string, document: Document): unknown => {
  try {
    return document.toJS();
  } catch (error) {
    throw invalid(file, [{ line: 1, column: 1, message: (error as Error).message }]);
  }
};

/**
 * Parses a rule file.
 *
 * Throws SONDE_RULES_INVALID with all its problems, a line each as `file:line:column: problem`; the fields hold the
 * place of the first.
 *
 * @param file its name, as rules will quote it
 */
export const parseRuleFile = (file: string, text: string): RuleFile => {
  if (text.length > maxLength) {
    throw invalid(file, [{ line: 1, column: 1, message: `longer than ${maxLength} characters` }]);
  }
  const lines = new LineCounter();
  const document = parseYaml(file, text, lines);
  const placeOf = (node: Node | null): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return { line, column: col };
  };
  const parsed = ruleFileSchema.safeParse(toValues(file, document));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue): Problem => ({ ...placeOf(nodeOf(document, issue)), message: issue.message }),
    );
    throw invalid(file, problems);
  }
  const { service, title, description = '', sources, rules } = parsed.data;
  return {
    file,
    sha256: createHash('sha256').update(text).digest('hex'),
    service,
    title,
    description,
    rules: rules.map(
      (rule, i): Rule => ({
        service,
        class: rule.class,
        rule: `${file}:${placeOf(document.getIn(['rules', i], true) as Node).line}`,
        patterns: patternKinds.flatMap((kind) => rule[kind] ?? []).map(({ kind, text }) => ({ kind, text })),
        payloads: rule.payload ?? [],
        ports: rule.ports ?? [],
        protocol: rule.protocol ?? '',
        asns: rule.asn ?? [],
        priority: rule.priority ?? 0,
        validFrom: rule.valid_from ?? Number.NEGATIVE_INFINITY,
        validUntil: rule.valid_until ?? Number.POSITIVE_INFINITY,
        source: rule.source.map((id) => sources[id]).join('; '),
        note: rule.note ?? '',
        examples: rule.examples ?? [],
      }),
    ),
  };
};
