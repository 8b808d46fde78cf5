/** Whose addresses rows with raw addresses hold, and which of them nobody may find in the same rows with pseudonyms. */
import { AddressSearch, type Finding, isLocal, isNobodys } from './address-search.ts';

export type AnyRow = Readonly<Record<string, unknown>>;

export interface ClientAddresses {
  /** To be found nowhere: addresses of clients, and any in the local nets. */
  readonly secret: ReadonlySet<string>;
  /**
   * Public addresses of clients that rows of other clients mention, as server, as resolver, in an answer or in a name.
   * There they are what is studied, and stay; only the rows in which they are the client must not tell them.
   */
  readonly exposed: ReadonlySet<string>;
}

const clientOf = (row: AnyRow): string => String(row.client_ip ?? '');
const withoutClient = ({ client: _, client_ip: __, ...row }: AnyRow): AnyRow => row;

const localAddressesIn = (row: AnyRow): readonly string[] =>
  [row.server_ip, row.resolver_ip, ...((row.answers as readonly unknown[] | undefined) ?? [])]
    .map(String)
    .filter((text) => /^[0-9a-f.:]*[.:][0-9a-f.:]*$/.test(text) && isLocal(text));

/** @param rows of `flows` and `dns`, with raw addresses */
export const clientAddresses = (rows: readonly AnyRow[]): ClientAddresses => {
  const clients = new Set(rows.map(clientOf).filter((address) => !isNobodys(address)));
  const search = new AddressSearch([...clients].filter((address) => !isLocal(address)));
  const exposed = new Set(
    rows.flatMap((row) =>
      search
        .inValue(withoutClient(row))
        .map(({ address }) => address)
        .filter((address) => address !== clientOf(row)),
    ),
  );
  const secret = new Set([...clients, ...rows.flatMap(localAddressesIn)].filter((address) => !exposed.has(address)));
  return { secret, exposed };
};

/** What rows tell of their own clients, who stand in the same rows with raw addresses. */
export const ownClientsIn = (rows: readonly AnyRow[], twins: readonly AnyRow[]): readonly Finding[] => {
  const searches = new Map<string, AddressSearch>();
  return rows.flatMap((row, i) => {
    const client = clientOf(twins[i]!);
    if (isNobodys(client)) return [];
    const search = searches.get(client) ?? new AddressSearch([client]);
    searches.set(client, search);
    return search.inValue(row);
  });
};
