/** The last labeller: takes identities out of finished rows and puts keyed pseudonyms in their place. */
import { CodeCache } from '../kit/code-cache.ts';
import { parseAddress } from '../packet/address.ts';
import type { AddressSet } from '../packet/address-set.ts';
import { formatPrefix, toPrefix } from '../packet/prefix.ts';
import type { Batch, ListColumn } from '../tickets/batch.ts';
import { clientPseudonym } from './client-pseudonym.ts';
import type { PseudonymKey } from './key.ts';
import { textPseudonyms } from './text-pseudonyms.ts';

export interface PseudonymizerOptions {
  readonly key: PseudonymKey;
  /** Addresses that are a subscriber's wherever they appear. */
  readonly localNets: AddressSet;
  /** Addresses stay, for a lab or a test; identities that are no addresses do not. */
  readonly keepAddresses: boolean;
}

export interface Pseudonymizer {
  /** Rewrites the rows of a batch, once, as the last step before it is sealed. Also fills `server_net`. */
  label(batch: Batch): void;
  /** To be called when the interner of the batches is reset. */
  reset(): void;
}

/**
 * Columns with a rule of their own, the names that the operator gave, which join tables, and what a SYN looks like:
 * nobody's address, though `0::df:0` in it may read like one.
 */
const ruled: ReadonlySet<string> = new Set([
  'source',
  'vantage',
  'client',
  'client_ip',
  'client_prefix',
  'imsi',
  'msisdn',
  'imei',
  'gtp_peer',
  'gtp_gateway',
  'server_net',
  'server_prefix',
  'community_id',
  'syn_signature',
  'os',
  'os_source',
]);

/** The codes of a text column, for the columns that not every table has. */
const codesOf = (batch: Batch, name: string): Int32Array | undefined => batch.columns[name] as Int32Array | undefined;

/** Puts what stands in `cache` for each code of a column in its place, where the table has the column. */
const recodeAll = (batch: Batch, name: string, cache: CodeCache): void => {
  const codes = codesOf(batch, name);
  if (codes === undefined) return;
  for (let row = 0; row < batch.rows; row++) codes[row] = cache.of(codes[row]!, batch.interner);
};

/**
 * A labeller that is safe by default: it reads every text of every table, so that a new column needs no entry here.
 *
 * - `client`, `imsi`, `msisdn`, `imei`: HMAC of the raw identity, the same wherever it stands; of an identity that is no
 *   address even where addresses are kept.
 * - `client_ip`, `client_prefix`: always the prefix-preserving pseudonym; what is no address becomes ''. So `gtp_peer` and
 *   `gtp_gateway`: in a tunnel within a subscriber's packets the node is a subscriber, and nodes are clients of their own
 *   flows.
 * - any other text, alone or in a list: each address it mentions that lies in the local nets or is that of the row's
 *   client, as a literal or as a reverse name, becomes its pseudonym; in `user_agent` only the client's.
 * - `server_net` is that of the address as stored; `server_prefix` is emptied where that is a pseudonym; `community_id`
 *   is emptied, for it is a hash of raw addresses without a key.
 */
export const createPseudonymizer = ({ key, localNets, keepAddresses }: PseudonymizerOptions): Pseudonymizer => {
  const texts = textPseudonyms(key, localNets);
  const subscriberOf = clientPseudonym(key);

  const clients = new CodeCache((code, interner) => {
    const identity = interner.text(code);
    const stays = identity === '' || (keepAddresses && parseAddress(identity) !== undefined);
    return stays ? code : interner.code(subscriberOf(identity));
  });

  const serverNets = new CodeCache((code, interner) => {
    const address = parseAddress(interner.text(code));
    if (address === undefined) return 0;
    return interner.code(formatPrefix(toPrefix(address, address.length === 4 ? 24 : 48)));
  });

  /** The client of each row, as `TextPseudonyms.client` gives it; 0 where the table or the row knows none. */
  const clientsOfRows = (batch: Batch): Int32Array => {
    const addresses = codesOf(batch, 'client_ip');
    const clients = codesOf(batch, 'client');
    const rows = new Int32Array(batch.rows);
    for (let row = 0; row < rows.length; row++) {
      const address = addresses?.[row] || (clients?.[row] ?? 0);
      if (address !== 0) rows[row] = texts.client.of(address, batch.interner);
    }
    return rows;
  };

  const hideAddresses = (batch: Batch): void => {
    const { interner, rows } = batch;
    const rowClients = clientsOfRows(batch);
    codesOf(batch, 'community_id')?.fill(0);

    const prefixes = codesOf(batch, 'server_prefix');
    const servers = codesOf(batch, 'server_ip');
    if (prefixes !== undefined && servers !== undefined) {
      for (let row = 0; row < rows; row++) {
        if (texts.mentioning(servers[row]!, rowClients[row]!, interner) !== servers[row]) prefixes[row] = 0;
      }
    }

    for (const [name, { kind }] of Object.entries(batch.table.columns)) {
      if (ruled.has(name)) continue;
      const recode = name === 'user_agent' ? texts.userAgent : texts.mentioning;
      if (kind === 'text') {
        const codes = batch.columns[name] as Int32Array;
        // Most texts of most rows are not observed.
        for (let row = 0; row < rows; row++) {
          if (codes[row] !== 0) codes[row] = recode(codes[row]!, rowClients[row]!, interner);
        }
      } else if (kind === 'texts') {
        const { values, offsets } = batch.columns[name] as ListColumn;
        for (let row = 0; row < rows; row++) {
          for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
            values[i] = recode(values[i]!, rowClients[row]!, interner);
          }
        }
      }
    }

    for (const name of ['client_ip', 'gtp_peer', 'gtp_gateway']) recodeAll(batch, name, texts.address);
    recodeAll(batch, 'client_prefix', texts.prefix);
  };

  return {
    label: (batch) => {
      if (!keepAddresses) hideAddresses(batch);
      for (const name of ['client', 'imsi', 'msisdn', 'imei']) recodeAll(batch, name, clients);
      const { interner, rows } = batch;
      const nets = codesOf(batch, 'server_net');
      const servers = codesOf(batch, 'server_ip');
      if (nets !== undefined && servers !== undefined) {
        for (let row = 0; row < rows; row++) nets[row] = serverNets.of(servers[row]!, interner);
      }
    },
    reset: () => {
      texts.clear();
      clients.clear();
      serverNets.clear();
    },
  };
};
