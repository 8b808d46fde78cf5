-- The counters of a minute, added up by the hour in which they were counted. Counters are reported a minute or more after
-- theirs, so that an hour may have rows of two windows: add them up, and merge `users_hll` by the highest rank.
input counters window 3600
output volume_hours
  vantage text
  hour time              -- Start of the hour that is counted.
  service text           -- Service, '' for what no rule owns.
  class text             -- Class within the service.
  flows_opened count     -- Flows whose first packet fell into the hour.
  syns count             -- SYN segments of clients.
  synacks count          -- SYN/ACK segments of servers.
  rsts count             -- RST segments of either end.
  fins count             -- FIN segments of either end.
  up_packets count       -- Packets from clients.
  down_packets count     -- Packets to clients.
  up_bytes count         -- IP-layer bytes from clients.
  down_bytes count       -- IP-layer bytes to clients.
  users_hll counts       -- HyperLogLog registers of the clients, register * 64 + rank, as in `counters`.
  server_rtt_us_sum count  -- Sum of `server_rtt_us` over handshakes.
  server_rtt_us_n count  -- Handshakes in that sum.
  dns_ok count           -- DNS answers with NOERROR.
  dns_nxdomain count     -- DNS answers with NXDOMAIN.
  dns_servfail count     -- DNS answers with SERVFAIL.
  dns_timeout count      -- DNS questions without an answer.

WITH sums AS (
  SELECT
    vantage AS of_vantage,
    toStartOfHour(minute_at) AS of_hour,
    service AS of_service,
    class AS of_class,
    sum(flows_opened) AS flows_opened,
    sum(syns) AS syns,
    sum(synacks) AS synacks,
    sum(rsts) AS rsts,
    sum(fins) AS fins,
    sum(up_packets) AS up_packets,
    sum(down_packets) AS down_packets,
    sum(up_bytes) AS up_bytes,
    sum(down_bytes) AS down_bytes,
    sum(server_rtt_us_sum) AS server_rtt_us_sum,
    sum(server_rtt_us_n) AS server_rtt_us_n,
    sum(dns_ok) AS dns_ok,
    sum(dns_nxdomain) AS dns_nxdomain,
    sum(dns_servfail) AS dns_servfail,
    sum(dns_timeout) AS dns_timeout
  FROM counters
  GROUP BY vantage, of_hour, service, class
),
entries AS (
  SELECT vantage, toStartOfHour(minute_at) AS hour, service, class, arrayJoin(users_hll) AS entry FROM counters
),
registers AS (
  SELECT vantage, hour, service, class, max(entry) AS top
  FROM entries
  GROUP BY vantage, hour, service, class, intDiv(entry, 64)
),
users AS (
  SELECT vantage, hour, service, class, arraySort(groupArray(top)) AS users_hll
  FROM registers
  GROUP BY vantage, hour, service, class
)
SELECT
  of_vantage AS vantage,
  of_hour AS hour,
  of_service AS service,
  of_class AS class,
  flows_opened,
  syns,
  synacks,
  rsts,
  fins,
  up_packets,
  down_packets,
  up_bytes,
  down_bytes,
  users_hll,
  server_rtt_us_sum,
  server_rtt_us_n,
  dns_ok,
  dns_nxdomain,
  dns_servfail,
  dns_timeout
FROM sums
LEFT JOIN users ON vantage = of_vantage AND hour = of_hour AND service = of_service AND class = of_class
