/** Rules that have labelled flows of a store, but none of late. */
import type { Catalog } from '../catalog/catalog.ts';
import type { Finding } from '../catalog/finding.ts';
import { DAY, toIsoTime } from '../kit/time.ts';
import type { TicketSnapshot } from '../store/index.ts';

const sql = `
SELECT rule, max(started_at) AS last_at
FROM flows
WHERE rules_version = {version:String} AND rule <> ''
GROUP BY rule`;

/**
 * Those whose last flow began more than `days` before the newest flow of the store. Only flows count that were labelled by
 * these very rules: a rule is named by its line, which another version may have moved.
 *
 * Undefined if these rules have labelled nothing here.
 */
export const unusedRules = async (
  snapshot: TicketSnapshot,
  catalog: Catalog,
  days: number,
): Promise<Finding[] | undefined> => {
  const labelled = await (await snapshot.query(sql, { version: catalog.version })).rows();
  if (labelled.length === 0) return undefined;
  const [newest] = await (await snapshot.query('SELECT max(started_at) AS last_at FROM flows')).rows();
  const since = (newest!.last_at as number) - days * DAY;
  const lastAt = new Map(labelled.map(({ rule, last_at }) => [rule as string, last_at as number]));
  return catalog.files
    .flatMap(({ rules }) => rules)
    .flatMap((rule): Finding[] => {
      const at = lastAt.get(rule.rule);
      if (at === undefined || at >= since) return [];
      return [{ kind: 'unused', rule, claim: '', witness: toIsoTime(at).slice(0, 10) }];
    });
};
