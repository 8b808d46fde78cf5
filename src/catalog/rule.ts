/** What a rule is, as the catalog holds it: who owns a name, since when, and how we know. */

import type { PayloadPattern } from './payload-pattern.ts';

/** From the most to the least specific; between patterns of as many labels this order decides. */
export const patternKinds = ['exact', 'suffix', 'glob', 'regex'] as const;

export type PatternKind = (typeof patternKinds)[number];

export interface Rule {
  /** Id of the service: `whatsapp`. */
  readonly service: string;
  /** Class within the service: chat, control, image, audio, video, media, voice, web, other, or a word of one's own. */
  readonly class: string;
  /** `whatsapp.yaml:12`: the file and the line where the rule begins. */
  readonly rule: string;
  /** The patterns of names as normalised: lower case, A-labels (RFC 5890), no final dot; empty for a rule without names. */
  readonly patterns: readonly { readonly kind: PatternKind; readonly text: string }[];
  /** What the client sends first, for flows without a name; empty for a rule of names or of ports alone. */
  readonly payloads: readonly PayloadPattern[];
  /** Server ports; empty for any. */
  readonly ports: readonly number[];
  /** 'tcp', 'udp', ...; '' for any. */
  readonly protocol: string;
  /** Autonomous systems of the server, for rules without names; empty for any. */
  readonly asns: readonly number[];
  /** The higher one wins; 0 unless told. */
  readonly priority: number;
  /** The rule holds for [validFrom, validUntil), UTC microseconds; infinite where no date is given. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** Where the rule is known from. */
  readonly source: string;
  readonly note: string;
  /** Names that it matches. */
  readonly examples: readonly string[];
}

/** By what a rule knows its service. */
export const kindOfRule = ({ patterns, payloads }: Rule): 'names' | 'payload' | 'ports' =>
  patterns.length > 0 ? 'names' : payloads.length > 0 ? 'payload' : 'ports';

/** What a rule asks for, in words: `payload 57 41 01 05, tcp 5222 443`. */
export const describeRule = ({ patterns, payloads, protocol, ports, asns }: Rule): string => {
  const where = [protocol, ...ports].filter((part) => part !== '').join(' ');
  return [
    patterns.map(({ text }) => text).join(' '),
    payloads.length > 0 ? `payload ${payloads.map(({ text }) => text).join(' or ')}` : '',
    where,
    asns.map((asn) => `AS${asn}`).join(' '),
  ]
    .filter((part) => part !== '')
    .join(', ');
};

/** A rule file: one service, or a part of one. */
export interface RuleFile {
  /** Name relative to the folder that was loaded, as in `Rule.rule`. */
  readonly file: string;
  /** SHA-256 of the text, hex. */
  readonly sha256: string;
  readonly service: string;
  readonly title: string;
  readonly description: string;
  readonly rules: readonly Rule[];
}
