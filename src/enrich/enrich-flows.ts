/** Labels flows with what is known of their server's address at the time of the flow. */
import { CodeCache } from '../kit/code-cache.ts';
import { WordPool } from '../kit/word-pool.ts';
import { parseAddress } from '../packet/address.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import type { AddressDatabase } from './address-database.ts';

/** A record holds the facts of one time: the record to look at if it is not that of the flow, codes of texts, and doubles. */
const WORDS = 10;
const NEXT = 0;
const ORG = 1;
const PREFIX = 2;
const COUNTRY = 3;
const DOUBLES = WORDS / 2;
const ASN = 2;
const FROM = 3;
const UNTIL = 4;

export interface FlowEnricher {
  /** Fills `server_asn`, `server_org`, `server_prefix`, `server_country` from `server_ip`, which must still be the raw address. */
  label(batch: Batch<typeof flows.columns>): void;
  /** To be called when the interner of the batches is reset. */
  reset(): void;
}

/**
 * A labeller that looks each distinct address up once as long as the interner lasts: what is kept is the address's
 * whole history, so the time of each flow still decides.
 */
export const enrichFlows = (database: AddressDatabase): FlowEnricher => {
  let facts = new WordPool(WORDS);
  /** The first record of an address, that of the facts to prefer; 0 without any. */
  const firsts = new CodeCache((code, interner) => {
    const address = parseAddress(interner.text(code));
    let first = 0;
    if (address === undefined) return first;
    for (const { asn, org, prefix, country, from, until } of database.history(address).toReversed()) {
      const record = facts.take();
      const { words, doubles } = facts;
      words[record * WORDS + NEXT] = first;
      words[record * WORDS + ORG] = interner.code(org);
      words[record * WORDS + PREFIX] = interner.code(prefix);
      words[record * WORDS + COUNTRY] = interner.code(country);
      doubles[record * DOUBLES + ASN] = asn;
      doubles[record * DOUBLES + FROM] = from;
      doubles[record * DOUBLES + UNTIL] = until;
      first = record;
    }
    return first;
  });
  /** The first record of the list that holds at a time; the last one if none does. */
  const recordAt = (first: number, at: number): number => {
    const { words, doubles } = facts;
    let record = first;
    for (;;) {
      const next = words[record * WORDS + NEXT]!;
      if (next === 0 || (doubles[record * DOUBLES + FROM]! <= at && at < doubles[record * DOUBLES + UNTIL]!))
        return record;
      record = next;
    }
  };

  return {
    label: ({ columns, interner, rows }) => {
      for (let row = 0; row < rows; row++) {
        const first = firsts.of(columns.server_ip[row]!, interner);
        if (first === 0) continue;
        const record = recordAt(first, columns.started_at[row]!);
        const { words, doubles } = facts;
        columns.server_asn[row] = doubles[record * DOUBLES + ASN]!;
        columns.server_org[row] = words[record * WORDS + ORG]!;
        columns.server_prefix[row] = words[record * WORDS + PREFIX]!;
        columns.server_country[row] = words[record * WORDS + COUNTRY]!;
      }
    },
    reset: () => {
      firsts.clear();
      facts = new WordPool(WORDS);
    },
  };
};
