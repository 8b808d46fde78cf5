/** All tables of tickets, and that of the runs of jobs. */
import { bursts } from './bursts.ts';
import type { Table } from './column.ts';
import { counters } from './counters.ts';
import { dns } from './dns.ts';
import { flows } from './flows.ts';
import { http } from './http.ts';
import { imports } from './imports.ts';
import { kpi } from './kpi.ts';
import { runs } from './runs.ts';
import { sessions } from './sessions.ts';

export { bursts, counters, dns, flows, http, imports, kpi, runs, sessions };

/** Those that imports fill, in the order in which one commits them: `imports` last, for it makes the others visible. */
export const tables: readonly Table[] = [flows, dns, http, bursts, counters, sessions, kpi, imports];
