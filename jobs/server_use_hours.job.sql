-- The servers of each service, by the hour in which flows to them began: exact sets, so that distinct counts hold over
-- any range.
input flows window 3600
rollup server_use bin bin_at of started_at width 3600
output server_use_hours
  vantage text
  bin_at time          -- Start of the hour.
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

WITH used AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
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
    down_packets,
    up_bytes AS up,
    down_bytes AS down,
    started_at,
    coalesce(ended_at, started_at) AS ended_at,
    (intDiv(toUnixTimestamp64Micro(started_at), 3600000000) % 24 + 24) % 24 AS first_hour,
    intDiv(toUnixTimestamp64Micro(coalesce(ended_at, started_at)), 3600000000)
      - intDiv(toUnixTimestamp64Micro(started_at), 3600000000) AS more_hours,
    CASE WHEN protocol = 'tcp' THEN server_rtt_us WHEN rtt_source = 'quic' THEN server_rtt_min_us END AS rtt_us
  FROM flows
),
placed AS (
  SELECT
    *,
    bitShiftLeft(toInt64(1), least(24, first_hour + greatest(more_hours, 0) + 1)) - bitShiftLeft(toInt64(1), first_hour)
      AS hours
  FROM used
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
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
  count(*) AS flows,
  countIf(down_packets > 0) AS answered,
  coalesce(sum(up), 0) AS up_bytes,
  coalesce(sum(down), 0) AS down_bytes,
  min(started_at) AS first_at,
  max(ended_at) AS last_at,
  groupBitOr(hours) AS active_hours,
  count(rtt_us) AS rtt_flows,
  min(rtt_us) AS rtt_min_us
FROM placed
GROUP BY
  vantage, bin_us, service, class, server_ip, server_net, server_prefix, server_asn, server_org, server_country,
  protocol,
  server_port
