/** What an analysis needs of a snapshot: a function that runs its queries, and what reproduces their numbers. */
import type { Provenance } from '../analysis/analysis.ts';
import { ever, type Query } from '../analysis/query.ts';
import { overTickets, Rollups, rollupFamilies } from '../jobs/index.ts';
import { openWorkbench, Snapshot, type TicketSnapshot } from '../store/index.ts';
import { loadAllJobs } from './load-jobs.ts';

/**
 * Lends a function that runs the queries of analyses over a snapshot: from the rollups of a folder, as far as these are up
 * to date, and from the tickets of a server.
 */
export const useQuery = async (snapshot: TicketSnapshot, use: (query: Query) => Promise<void>): Promise<void> => {
  const families = rollupFamilies(loadAllJobs());
  const lend = (run: TicketSnapshot['query']): Promise<void> =>
    use(async (sql, parameters) => ({
      rows: await (await run(sql, parameters)).rows(),
      sql: overTickets(sql, families),
    }));
  if (!(snapshot instanceof Snapshot))
    return lend((sql, parameters) => snapshot.query(overTickets(sql, families), parameters));
  const bench = await openWorkbench();
  try {
    const reader = await new Rollups(families, bench).at(snapshot);
    await lend((sql, parameters) => reader.query(sql, parameters));
  } finally {
    bench.close();
  }
};

/** Versions of the tables, of the rules and of the address databases behind the rows. */
export const provenanceOf = async (snapshot: TicketSnapshot, query: Query): Promise<Provenance> => {
  const distinct = async (sql: string): Promise<string> => {
    const { rows } = await query(sql, ever);
    return rows.map(({ value }) => String(value)).join('; ');
  };
  return {
    snapshot: snapshot.sizes
      .filter(({ version }) => version >= 0)
      .map(({ table, version }) => `${table}@${version}`)
      .join(' '),
    rules: await distinct(
      `SELECT DISTINCT rules_version AS value FROM flow_use({from:Int64}, {until:Int64})
       WHERE rules_version <> '' ORDER BY value`,
    ),
    databases: await distinct("SELECT DISTINCT databases AS value FROM imports WHERE databases <> '' ORDER BY value"),
  };
};
