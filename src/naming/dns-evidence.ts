/** How old an answer may be to name a flow: the policies, read off stored columns, in code and in SQL. */
import { HOUR, SECOND } from '../kit/time.ts';

/**
 * - `strict`: the flow began within the TTL of the answer.
 * - `grace`: ... or within one hour after it; clients and their libraries keep addresses longer than they should.
 * - `any`: however old.
 */
export type NamePolicy = 'strict' | 'grace' | 'any';

/** What `fqdn` uses unless told otherwise. */
export const defaultNamePolicy: NamePolicy = 'grace';

/** Microseconds after the end of its TTL for which an answer still counts under `grace`. */
const graceUs = HOUR;

/**
 * How the latest answer stood when the flow began: 'valid' if its age was at most its TTL.
 *
 * @param startedAt first packet of the flow, UTC microseconds
 * @param answeredAt the answer, UTC microseconds; that it passed before the flow is for the caller to know
 * @param ttlS its TTL, seconds
 */
export const dnsEvidence = (startedAt: number, answeredAt: number, ttlS: number): 'valid' | 'expired' =>
  startedAt - answeredAt <= ttlS * SECOND ? 'valid' : 'expired';

/** Does the policy let the answer name the flow? Units as in `dnsEvidence`. */
export const nameByPolicy = (policy: NamePolicy, startedAt: number, answeredAt: number, ttlS: number): boolean => {
  switch (policy) {
    case 'strict':
      return startedAt - answeredAt <= ttlS * SECOND;
    case 'grace':
      return startedAt - answeredAt <= ttlS * SECOND + graceUs;
    case 'any':
      return true;
  }
};

/**
 * The same as an SQL condition over the columns of `flows`, for DuckDB and ClickHouse; false or NULL for a flow
 * without an answer.
 *
 * @example
 * `SELECT countIf(${nameByPolicySql('strict')}) / count(*) AS hit_rate FROM flows`
 */
export const nameByPolicySql = (policy: NamePolicy): string => {
  switch (policy) {
    case 'strict':
      return "(dns_name <> '' AND started_at <= dns_answered_at + INTERVAL (dns_ttl_s) SECOND)";
    case 'grace':
      return `(dns_name <> '' AND started_at <= dns_answered_at + INTERVAL (dns_ttl_s + ${graceUs / SECOND}) SECOND)`;
    case 'any':
      return "(dns_name <> '')";
  }
};
