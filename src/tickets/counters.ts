/** The table of per-minute counters: volume over time, while flows still live. */
import { count, counts, origin, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  minute_at: time('Start of the minute that is counted.'),
  service: text('Service, by the label known 60 s after the end of the minute.'),
  class: text('Class within the service.'),
  flows_opened: count('Flows whose first packet fell into the minute.'),
  syns: count('SYN segments of clients.'),
  synacks: count('SYN/ACK segments of servers.'),
  rsts: count('RST segments of either end.'),
  fins: count('FIN segments of either end.'),
  up_packets: count('Packets from clients to servers.'),
  down_packets: count('Packets from servers to clients.'),
  up_bytes: count('IP-layer bytes from clients to servers.'),
  down_bytes: count('IP-layer bytes from servers to clients.'),
  users_hll: counts(
    'HyperLogLog registers of the clients with packets in the minute, 1,024 registers, the non-zero ones as register * 64 + rank. Merge by the maximum rank of each register; users of two rows do not add up.',
  ),
  server_rtt_us_sum: count('Sum of `server_rtt_us` over handshakes that completed in the minute.'),
  server_rtt_us_n: count('Handshakes in that sum.'),
  dns_ok: count('DNS answers with NOERROR, multicast DNS left out here and below.'),
  dns_nxdomain: count('DNS answers with NXDOMAIN.'),
  dns_servfail: count('DNS answers with SERVFAIL.'),
  dns_timeout: count('DNS questions of the minute that stayed without an answer for 10 s.'),
};

export const counters: Table<typeof columns> = {
  name: 'counters',
  doc: 'One row a minute, service and class. Volume over time is read here, never off `flows.started_at`.',
  columns,
};
