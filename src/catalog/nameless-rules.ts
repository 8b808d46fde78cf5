/** The rules that know a service without a name: by the first payload of the client, or by the port. */
import { decodeStun } from '../packet/stun.ts';
import { acceptsPayload, comparePayloadPatterns, type PayloadPattern } from './payload-pattern.ts';
import { kindOfRule, type Rule } from './rule.ts';

interface PayloadClaim {
  readonly pattern: PayloadPattern;
  readonly rule: Rule;
}

const none: readonly Rule[] = [];

/** Each first byte that a STUN message may have: its two highest bits are 0. */
const STUN_FIRST_BYTES = 0x40;

/** Both lists in order of precedence; which of their rules hold is for `firstHolding` to say. */
export class NamelessRules {
  readonly #claims: readonly PayloadClaim[];
  /** 1 for every byte with which a pattern may begin: nearly all payload is refused by its first. */
  readonly #firstBytes = new Uint8Array(256);
  readonly #byPort = new Map<number, Rule[]>();

  /** `rules`: in the order of files and lines, which settles ties. */
  constructor(rules: readonly Rule[]) {
    this.#claims = rules
      .flatMap((rule) => rule.payloads.map((pattern) => ({ pattern, rule })))
      .sort((a, b) => b.rule.priority - a.rule.priority || comparePayloadPatterns(a.pattern, b.pattern));
    for (const { pattern } of this.#claims) {
      if (pattern.kind === 'stun') this.#firstBytes.fill(1, 0, STUN_FIRST_BYTES);
      else this.#firstBytes[pattern.bytes[0]!] = 1;
    }
    for (const rule of rules.filter((rule) => kindOfRule(rule) === 'ports').sort((a, b) => b.priority - a.priority)) {
      for (const port of rule.ports) this.#byPort.set(port, [...(this.#byPort.get(port) ?? []), rule]);
    }
  }

  /** The rules that claim a first payload, [start, end) of `bytes`. */
  ofPayload(bytes: Uint8Array, start: number, end: number): readonly Rule[] {
    if (start === end || this.#firstBytes[bytes[start]!] === 0) return none;
    const stun = decodeStun(bytes, start, end);
    const claims = this.#claims.filter(({ pattern }) => acceptsPayload(pattern, bytes, start, end, stun));
    return [...new Set(claims.map(({ rule }) => rule))];
  }

  /** The rules that claim a server port and nothing else. */
  ofPort(port: number): readonly Rule[] {
    return this.#byPort.get(port) ?? none;
  }
}
