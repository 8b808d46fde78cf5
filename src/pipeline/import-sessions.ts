/** A session file to tickets: its rows, each once, whichever captures they are for. */
import type { SessionFile } from '../imports/session-file.ts';
import { Interner } from '../kit/interner.ts';
import { AddressTable } from '../packet/address-table.ts';
import { createPseudonymizer, type PseudonymizerOptions } from '../privacy/pseudonymizer.ts';
import { newState, toldBy, userAddresses } from '../probe/session-state.ts';
import { writeSession } from '../probe/write-session.ts';
import { Batch, sealBatch } from '../tickets/batch.ts';
import { sessions } from '../tickets/index.ts';
import type { TicketSink } from './import-captures.ts';
import { recordsRow } from './imports-row.ts';

const BATCH_ROWS = 8192;

export interface SessionImportOptions extends PseudonymizerOptions {
  readonly source: string;
  readonly vantage: string;
  /** For `imports.name`. */
  readonly name: string;
}

/**
 * Writes a row a session, in the order in which they begin, and at the end the row of `imports`. A row is reported when
 * its session begins.
 */
export const importSessions = async (
  file: SessionFile,
  options: SessionImportOptions,
  sink: TicketSink,
): Promise<void> => {
  const { feed } = file;
  const pseudonyms = createPseudonymizer(options);
  for (let done = 0; done < feed.size; done += BATCH_ROWS) {
    const interner = new Interner();
    const addresses = new AddressTable();
    const batch = new Batch(sessions, interner, BATCH_ROWS);
    for (const number of feed.byStart.subarray(done, done + BATCH_ROWS)) {
      const fed = feed.session(number);
      const state = newState('csv', fed.from, fed.from, {
        ...toldBy(fed),
        ...userAddresses(addresses, fed.ipv4, fed.ipv6),
      });
      const isOpen = fed.until === Number.POSITIVE_INFINITY;
      const row = batch.begin();
      const ended = { state, endedAt: isOpen ? Number.NaN : fed.until, reason: isOpen ? 'eof' : 'stopped' } as const;
      writeSession(ended, addresses, addresses, batch, row);
      batch.columns.source[row] = interner.code(options.source);
      batch.columns.vantage[row] = interner.code(options.vantage);
      batch.columns.reported_at[row] = fed.from;
      batch.end();
    }
    pseudonyms.label(batch as unknown as Batch);
    pseudonyms.reset();
    await sink.write(sealBatch(batch as unknown as Batch));
  }
  const at = (place: number): number | undefined => (feed.size > 0 ? feed.from(feed.byStart[place]!) : undefined);
  const span = { rows: feed.size, firstAt: at(0), lastAt: at(feed.size - 1) };
  await sink.write(recordsRow({ ...options, ...span, kind: 'sessions', badReason: 'session-line' }, file));
};
