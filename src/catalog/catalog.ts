/** From a name to the rules that claim it, the winner first. */
import { createHash } from 'node:crypto';
import { type Claim, rankClaims } from './claim.ts';
import { normaliseName } from './name.ts';
import { NamelessRules } from './nameless-rules.ts';
import { accepts } from './pattern.ts';
import type { Rule, RuleFile } from './rule.ts';

/** A label in the tree of names, read from the right: under `net` there is `whatsapp`. */
interface Label {
  readonly children: Map<string, Label>;
  /** Those whose tail ends here, by rank. */
  readonly claims: Claim[];
}

const none: readonly Rule[] = [];

const byFile = (a: RuleFile, b: RuleFile): number => (a.file < b.file ? -1 : 1);

/**
 * Does the rule hold at this time, on this port and protocol, in this autonomous system?
 *
 * A rule with ports or a protocol says nothing about a name alone: what was not observed fulfils no condition.
 *
 * @param at UTC microseconds
 */
const holds = (rule: Rule, at: number, port?: number, protocol?: string, asn?: number): boolean =>
  isInForce(rule, at) &&
  (rule.ports.length === 0 || (port !== undefined && rule.ports.includes(port))) &&
  (rule.protocol === '' || rule.protocol === protocol) &&
  (rule.asns.length === 0 || (asn !== undefined && rule.asns.includes(asn)));

/** Is the time, UTC microseconds, within the dates of the rule? */
export const isInForce = (rule: Rule, at: number): boolean => at >= rule.validFrom && at < rule.validUntil;

/** The first rule of a list in order of precedence, such as `matchesOf` gives, that holds. */
export const firstHolding = (
  rules: readonly Rule[],
  at: number,
  port?: number,
  protocol?: string,
  asn?: number,
): Rule | undefined => {
  for (const rule of rules) if (holds(rule, at, port, protocol, asn)) return rule;
  return undefined;
};

/**
 * The rules of all files, compiled into a tree of labels: the work for a name grows with its labels and with the globs
 * and regular expressions of its own domain, not with the number of rules.
 *
 * Which rules claim a name depends on the name alone; which of them holds depends on time, port and protocol. So the
 * former can be cached: `firstHolding(cached, at, port, protocol)` is `match`.
 *
 * @example
 * const catalog = new Catalog(loadRuleFiles(['services']));
 * catalog.match('e13.whatsapp.net', at, 5222, 'tcp')?.class // 'chat'
 */
export class Catalog {
  /** Sorted by name. */
  readonly files: readonly RuleFile[];
  /** Fingerprint of the rule files: 12 hex digits that change with any name or byte, whatever the order of loading. */
  readonly version: string;
  readonly nameless: NamelessRules;
  readonly #root: Label = { children: new Map(), claims: [] };

  constructor(files: readonly RuleFile[]) {
    this.files = files.toSorted(byFile);
    const content = this.files.map(({ file, sha256 }) => `${sha256} ${file}\n`).join('');
    this.version = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const rules = this.files.flatMap((file) => file.rules);
    this.nameless = new NamelessRules(rules);
    for (const claim of rankClaims(rules)) this.#labelOf(claim.pattern.tail).claims.push(claim);
  }

  /** All rules that claim a name, whatever their dates, ports and protocols, in order of precedence. */
  matchesOf(name: string): readonly Rule[] {
    const normal = normaliseName(name);
    if (normal === '') return none;
    const found: Claim[] = [];
    let label: Label | undefined = this.#root;
    let end = normal.length;
    while (label !== undefined) {
      for (const claim of label.claims) if (accepts(claim.pattern, normal)) found.push(claim);
      if (end <= 0) break;
      const start: number = normal.lastIndexOf('.', end - 1) + 1;
      label = label.children.get(normal.slice(start, end));
      end = start - 1;
    }
    if (found.length === 0) return none;
    found.sort((a, b) => a.rank - b.rank);
    return [...new Set(found.map(({ rule }) => rule))];
  }

  /**
   * The rule that owns a name at a time.
   *
   * @param at UTC microseconds
   * @param port server port, where there is one
   * @param protocol 'tcp', 'udp', ...
   */
  match(name: string, at: number, port?: number, protocol?: string): Rule | undefined {
    return firstHolding(this.matchesOf(name), at, port, protocol);
  }

  #labelOf(tail: readonly string[]): Label {
    let label = this.#root;
    for (const text of tail) {
      let child = label.children.get(text);
      if (child === undefined) {
        child = { children: new Map(), claims: [] };
        label.children.set(text, child);
      }
      label = child;
    }
    return label;
  }
}
