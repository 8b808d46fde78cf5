/** What an analysis needs of a snapshot: a function that runs its queries, and what reproduces their numbers. */
import type { Provenance } from '../analysis/analysis.ts';
import type { Query } from '../analysis/query.ts';
import type { TicketSnapshot } from '../store/index.ts';

/** Runs the queries of analyses over a snapshot. */
export const queryOf =
  (snapshot: TicketSnapshot): Query =>
  async (sql, parameters) => {
    const result = await snapshot.query(sql, parameters);
    return { columns: result.columns.map(({ name, kind }) => ({ name, type: kind })), rows: await result.rows() };
  };

/** Versions of the tables, of the rules and of the address databases behind the rows. */
export const provenanceOf = async (snapshot: TicketSnapshot): Promise<Provenance> => {
  const distinct = async (sql: string): Promise<string> => {
    const rows = await (await snapshot.query(sql)).rows();
    return rows.map(({ value }) => String(value)).join('; ');
  };
  return {
    snapshot: snapshot.sizes
      .filter(({ version }) => version >= 0)
      .map(({ table, version }) => `${table}@${version}`)
      .join(' '),
    rules: await distinct("SELECT DISTINCT rules_version AS value FROM flows WHERE rules_version <> '' ORDER BY value"),
    databases: await distinct("SELECT DISTINCT databases AS value FROM imports WHERE databases <> '' ORDER BY value"),
  };
};
