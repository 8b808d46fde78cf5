/** Where a ClickHouse is, as `--db` says it: `clickhouse://host[,host ...][:port]/database[?cluster=name&secure=1]`. */
import { SondeError } from '../../kit/errors.ts';

export interface Address {
  /** Any of them answers for all. */
  readonly hosts: readonly string[];
  /** Port of HTTP, the same on all servers. */
  readonly port: number;
  readonly database: string;
  /** Name of the cluster in the servers' configuration; undefined for one server. */
  readonly cluster: string | undefined;
  readonly isSecure: boolean;
}

const names = /^\w+$/;
const pattern = /^clickhouse:\/\/([\w.-]+(?:,[\w.-]+)*|\[[\da-fA-F:]+\])(?::(\d+))?\/(\w+)(?:\?(.*))?$/;

/** Does `--db` mean a ClickHouse? */
export const isAddress = (text: string): boolean => text.startsWith('clickhouse://');

/** @throws SONDE_USAGE */
export const parseAddress = (text: string): Address => {
  const [, hosts, port, database, query] = pattern.exec(text) ?? [];
  const options = new URLSearchParams(query);
  const cluster = options.get('cluster') ?? undefined;
  const isKnown = [...options.keys()].every((name) => name === 'cluster' || name === 'secure');
  if (hosts === undefined || database === undefined || !isKnown || (cluster !== undefined && !names.test(cluster)))
    throw new SondeError(
      'SONDE_USAGE',
      'not the address of a ClickHouse database',
      { db: text.replace(/\/\/[^/]*@/, '//***@') },
      'write clickhouse://host:port/database, with ?cluster=name for a cluster; user and password come from the environment',
    );
  const isSecure = options.get('secure') === '1';
  return {
    hosts: hosts.split(','),
    port: port === undefined ? (isSecure ? 8443 : 8123) : Number(port),
    database,
    cluster,
    isSecure,
  };
};
