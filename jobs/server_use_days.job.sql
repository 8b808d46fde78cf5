-- The servers of each service, by the day in which flows to them began.
input server_use_hours window 86400
rollup server_use bin bin_at of bin_at width 86400
output server_use_days
  vantage text
  bin_at time          -- Start of the day.
  service text         -- Service that owns the flows, '' for what no rule owns.
  class text           -- Class within the service.
  server_ip text       -- Address of the server.
  server_net text      -- Its /24 or /48.
  server_prefix text   -- Its block in the database of addresses.
  server_asn count     -- Autonomous system that announced it.
  server_org text      -- Organisation of that system.
  server_country text  -- Country of registration, ISO 3166.
  protocol text        -- Protocol, as in `flows`.
  server_port count    -- Port of the server.
  flows count          -- Flows.
  answered count       -- Flows in which the server sent a packet.
  up_bytes count       -- IP-layer bytes from clients.
  down_bytes count     -- IP-layer bytes to clients.
  first_at time        -- First packet of the first of them.
  last_at time         -- Last packet of the last of them.
  active_hours count   -- Hours of the day, as bits, that flows to it overlap: 1 is 00:00 to 01:00 UTC, 2 the next.
  rtt_flows count      -- Flows with an RTT: of the handshake in TCP, of any sample in QUIC.
  rtt_min_us count     -- Least of these RTTs.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM server_use_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  class,
  server_ip,
  server_net,
  server_prefix,
  server_asn,
  server_org,
  server_country,
  protocol,
  server_port,
  sum(flows) AS flows,
  sum(answered) AS answered,
  sum(up_bytes) AS up_bytes,
  sum(down_bytes) AS down_bytes,
  min(first_at) AS first_at,
  max(last_at) AS last_at,
  groupBitOr(active_hours) AS active_hours,
  sum(rtt_flows) AS rtt_flows,
  min(rtt_min_us) AS rtt_min_us
FROM binned
GROUP BY
  bin_us, vantage, service, class, server_ip, server_net, server_prefix, server_asn, server_org, server_country,
  protocol, server_port
