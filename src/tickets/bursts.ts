/** The table of bursts: the transfers inside a connection. */
import { count, id, origin, type Table, time } from './column.ts';

const columns = {
  ...origin,
  flow_id: id('Flow that carried the burst; a key of `flows.flow_id`.'),
  started_at: time('First packet with payload.'),
  ended_at: time('Last packet with payload.'),
  up_payload: count('Payload bytes from client to server, each once.'),
  down_payload: count('Payload bytes from server to client, each once.'),
  packets: count('Packets with payload, both ways; keep-alives are none.'),
};

export const bursts: Table<typeof columns> = {
  name: 'bursts',
  doc: 'One row a burst: payload of a flow, either way, without a silence longer than 1 s (`--burst-idle`). A TLS alert after a silence begins none; flows of DNS, which has a table of its own, have none.',
  columns,
};
