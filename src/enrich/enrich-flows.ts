/** Labels flows with what is known of their server's address at the time of the flow. */
import { CodeCache } from '../kit/code-cache.ts';
import { parseAddress } from '../packet/address.ts';
import type { Batch } from '../tickets/batch.ts';
import type { flows } from '../tickets/index.ts';
import { type AddressDatabase, factsAt } from './address-database.ts';

/** `DatedFacts` with interner codes for texts. */
interface CodedFacts {
  readonly asn: number;
  readonly org: number;
  readonly prefix: number;
  readonly country: number;
  readonly from: number;
  readonly until: number;
}

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
  const histories: (readonly CodedFacts[])[] = [];
  const indexes = new CodeCache((code, interner) => {
    const address = parseAddress(interner.text(code));
    const history = address === undefined ? [] : database.history(address);
    return (
      histories.push(
        history.map((facts) => ({
          ...facts,
          org: interner.code(facts.org),
          prefix: interner.code(facts.prefix),
          country: interner.code(facts.country),
        })),
      ) - 1
    );
  });

  return {
    label: ({ columns, interner, rows }) => {
      for (let row = 0; row < rows; row++) {
        const history = histories[indexes.of(columns.server_ip[row]!, interner)]!;
        if (history.length === 0) continue;
        const facts = factsAt(history, columns.started_at[row]!);
        columns.server_asn[row] = facts.asn;
        columns.server_org[row] = facts.org;
        columns.server_prefix[row] = facts.prefix;
        columns.server_country[row] = facts.country;
      }
    },
    reset: () => {
      indexes.clear();
      histories.length = 0;
    },
  };
};
