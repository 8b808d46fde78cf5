-- The counters of a minute, added up by the hour that is counted. Counters are reported a minute or more after
-- theirs, so
-- that an hour may have rows of two windows: they add up.
input counters window 3600
rollup volume bin bin_at of minute_at width 3600
output volume_hours
  vantage text
  bin_at time              -- Start of the hour.
  service text             -- Service, '' for what no rule owns.
  class text               -- Class within the service.
  flows_opened count       -- Flows whose first packet fell into the hour.
  syns count               -- SYN segments of clients.
  synacks count            -- SYN/ACK segments of servers.
  rsts count               -- RST segments of either end.
  fins count               -- FIN segments of either end.
  up_packets count         -- Packets from clients.
  down_packets count       -- Packets to clients.
  up_bytes count           -- IP-layer bytes from clients.
  down_bytes count         -- IP-layer bytes to clients.
  server_rtt_us_sum count  -- Sum of `server_rtt_us` over handshakes.
  server_rtt_us_n count    -- Handshakes in that sum.
  dns_ok count             -- DNS answers with NOERROR.
  dns_nxdomain count       -- DNS answers with NXDOMAIN.
  dns_servfail count       -- DNS answers with SERVFAIL.
  dns_timeout count        -- DNS questions without an answer.

WITH binned AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(minute_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    class,
    flows_opened,
    syns,
    synacks,
    rsts,
    fins,
    up_packets,
    down_packets,
    up_bytes,
    down_bytes,
    server_rtt_us_sum,
    server_rtt_us_n,
    dns_ok,
    dns_nxdomain,
    dns_servfail,
    dns_timeout
  FROM counters
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  class,
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
FROM binned
GROUP BY vantage, bin_us, service, class
