/** `sonde imports`: what is in the store, and what could not be read. */
import type { Command } from 'commander';
import { type CommonOptions, withFormat, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type RowFormat, writeRows } from '../rows-output.ts';
import { silentStreams } from '../silent-streams.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

const sql = `
SELECT id, kind, name, first_at, last_at, packet_count AS packets, byte_count AS bytes, row_count AS rows,
       dropped, malformed,
       CASE WHEN state = 'running' AND has({silent:Array(String)}, id) THEN 'broken off' ELSE state END AS state,
       vantage, reasons
FROM imports
ORDER BY first_at, name`;

/** For a terminal: what fits, the rest is in the other formats. */
const brief = new Set(['name', 'first_at', 'packets', 'rows', 'malformed', 'state']);

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withFormat(withStore(command)).action(async (options: CommonOptions & { readonly format: RowFormat }) => {
    await useSnapshot(options, terminal, done, async (snapshot, store) => {
      const result = await snapshot.query(sql, { silent: await silentStreams(store, terminal.now()) });
      const columns =
        options.format === 'table' ? result.columns.filter(({ name }) => brief.has(name)) : result.columns;
      await writeRows(columns, result, options.format, terminal.out, terminal.width);
    });
  });
};
