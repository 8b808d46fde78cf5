/** All tables, in the order in which an import commits them: `imports` last, for it makes the others visible. */
import { bursts } from './bursts.ts';
import type { Table } from './column.ts';
import { counters } from './counters.ts';
import { dns } from './dns.ts';
import { flows } from './flows.ts';
import { http } from './http.ts';
import { imports } from './imports.ts';
import { sessions } from './sessions.ts';

export { bursts, counters, dns, flows, http, imports, sessions };

export const tables: readonly Table[] = [flows, dns, http, bursts, counters, sessions, imports];
