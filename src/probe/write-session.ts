/** A session that is over, or a part of one, into a row of the sessions table. */
import type { Interner } from '../kit/interner.ts';
import type { AddressTable } from '../packet/address-table.ts';
import type { Batch } from '../tickets/batch.ts';
import type { sessions } from '../tickets/index.ts';
import { NO_ADDRESS } from './session-state.ts';
import type { EndedSession } from './session-tracker.ts';

/**
 * Fills `row` but for source, vantage and `reported_at`. Identities are raw, for privacy to replace.
 *
 * @param addresses table of user addresses
 * @param nodes table of the addresses of nodes
 */
export const writeSession = (
  { state, endedAt, reason }: EndedSession,
  addresses: AddressTable,
  nodes: AddressTable,
  batch: Batch<typeof sessions.columns>,
  row: number,
): void => {
  const { columns, interner } = batch;
  const address = (id: number, table = addresses): number => (id === NO_ADDRESS ? 0 : table.code(id, interner));
  columns.started_at[row] = state.startedAt;
  columns.ended_at[row] = endedAt;
  columns.opened_at[row] = state.openedAt;
  columns.kind[row] = interner.code(state.kind);
  columns.end_reason[row] = interner.code(reason);
  columns.client[row] = state.identity === '' ? address(state.ipv4) : interner.code(state.identity);
  columns.client_ip[row] = address(state.ipv4);
  columns.client_prefix[row] = state.ipv6 === NO_ADDRESS ? 0 : interner.code(`${addresses.text(state.ipv6)}/64`);
  columns.imsi[row] = identity(interner, 'imsi', state.imsi);
  columns.msisdn[row] = identity(interner, 'msisdn', state.msisdn);
  columns.imei[row] = identity(interner, 'imei', state.imei);
  columns.tac[row] = interner.code(state.tac);
  columns.apn[row] = interner.code(state.apn);
  columns.rat[row] = interner.code(state.rat);
  columns.cell[row] = interner.code(state.cell);
  columns.plmn[row] = interner.code(state.plmn);
  columns.up_teid[row] = state.upTeid;
  columns.down_teid[row] = state.downTeid;
  columns.up_control_teid[row] = state.upControlTeid;
  columns.down_control_teid[row] = state.downControlTeid;
  columns.gtp_peer[row] = address(state.accessNode, nodes);
  columns.gtp_gateway[row] = address(state.networkNode, nodes);
};

/** As in `SessionState.identity`, so that one subscriber has one pseudonym in every column. */
const identity = (interner: Interner, kind: string, digits: string): number =>
  digits === '' ? 0 : interner.code(`${kind}:${digits}`);
