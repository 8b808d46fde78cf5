-- What the flows under each name are and carry, by the hour in which they began: a row a name, class, source and port, with how
-- many flows reach each of fifteen sizes, up and down.
input flows window 3600
rollup name_use bin bin_at of started_at width 3600
output name_use_hours
  vantage text
  bin_at time         -- Start of the hour.
  service text        -- Service that owns the flows, '' for what no rule owns.
  class text          -- Class within the service.
  name text           -- Name to use; flows without one are left out.
  fqdn_source text    -- Source of the name, as in `flows`.
  protocol text       -- Protocol: 'tcp' or 'udp'.
  server_port count   -- Port of the server.
  flows count         -- Eligible flows: TCP and UDP, DNS itself left out.
  up_bytes count      -- IP-layer bytes from clients.
  down_bytes count    -- IP-layer bytes to clients.
  lingering count     -- Flows that lasted two minutes or longer with under 100 bytes a second.
  up_flows count  -- Flows of which the IP-layer bytes up are known.
  up_from_500 count  -- Those of them with 500 bytes or more.
  up_from_1000 count  -- Those of them with 1000 bytes or more.
  up_from_2000 count  -- Those of them with 2000 bytes or more.
  up_from_5000 count  -- Those of them with 5000 bytes or more.
  up_from_10000 count  -- Those of them with 10000 bytes or more.
  up_from_20000 count  -- Those of them with 20000 bytes or more.
  up_from_50000 count  -- Those of them with 50000 bytes or more.
  up_from_100000 count  -- Those of them with 100000 bytes or more.
  up_from_200000 count  -- Those of them with 200000 bytes or more.
  up_from_500000 count  -- Those of them with 500000 bytes or more.
  up_from_1000000 count  -- Those of them with 1000000 bytes or more.
  up_from_2000000 count  -- Those of them with 2000000 bytes or more.
  up_from_5000000 count  -- Those of them with 5000000 bytes or more.
  up_from_10000000 count  -- Those of them with 10000000 bytes or more.
  up_from_20000000 count  -- Those of them with 20000000 bytes or more.
  down_flows count  -- Flows of which the IP-layer bytes down are known.
  down_from_500 count  -- Those of them with 500 bytes or more.
  down_from_1000 count  -- Those of them with 1000 bytes or more.
  down_from_2000 count  -- Those of them with 2000 bytes or more.
  down_from_5000 count  -- Those of them with 5000 bytes or more.
  down_from_10000 count  -- Those of them with 10000 bytes or more.
  down_from_20000 count  -- Those of them with 20000 bytes or more.
  down_from_50000 count  -- Those of them with 50000 bytes or more.
  down_from_100000 count  -- Those of them with 100000 bytes or more.
  down_from_200000 count  -- Those of them with 200000 bytes or more.
  down_from_500000 count  -- Those of them with 500000 bytes or more.
  down_from_1000000 count  -- Those of them with 1000000 bytes or more.
  down_from_2000000 count  -- Those of them with 2000000 bytes or more.
  down_from_5000000 count  -- Those of them with 5000000 bytes or more.
  down_from_10000000 count  -- Those of them with 10000000 bytes or more.
  down_from_20000000 count  -- Those of them with 20000000 bytes or more.

WITH named AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    class,
    fqdn AS name,
    fqdn_source,
    protocol,
    server_port,
    up_bytes AS up,
    down_bytes AS down,
    toUnixTimestamp64Micro(ended_at) - toUnixTimestamp64Micro(started_at) AS lasted_us
  FROM flows
  WHERE protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND fqdn <> ''
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  class,
  name,
  fqdn_source,
  protocol,
  server_port,
  count(*) AS flows,
  coalesce(sum(up), 0) AS up_bytes,
  coalesce(sum(down), 0) AS down_bytes,
  countIf(lasted_us >= 120000000 AND (up + down) * 10000 < lasted_us) AS lingering,
  countIf(up >= 0) AS up_flows,
  countIf(up >= 500) AS up_from_500,
  countIf(up >= 1000) AS up_from_1000,
  countIf(up >= 2000) AS up_from_2000,
  countIf(up >= 5000) AS up_from_5000,
  countIf(up >= 10000) AS up_from_10000,
  countIf(up >= 20000) AS up_from_20000,
  countIf(up >= 50000) AS up_from_50000,
  countIf(up >= 100000) AS up_from_100000,
  countIf(up >= 200000) AS up_from_200000,
  countIf(up >= 500000) AS up_from_500000,
  countIf(up >= 1000000) AS up_from_1000000,
  countIf(up >= 2000000) AS up_from_2000000,
  countIf(up >= 5000000) AS up_from_5000000,
  countIf(up >= 10000000) AS up_from_10000000,
  countIf(up >= 20000000) AS up_from_20000000,
  countIf(down >= 0) AS down_flows,
  countIf(down >= 500) AS down_from_500,
  countIf(down >= 1000) AS down_from_1000,
  countIf(down >= 2000) AS down_from_2000,
  countIf(down >= 5000) AS down_from_5000,
  countIf(down >= 10000) AS down_from_10000,
  countIf(down >= 20000) AS down_from_20000,
  countIf(down >= 50000) AS down_from_50000,
  countIf(down >= 100000) AS down_from_100000,
  countIf(down >= 200000) AS down_from_200000,
  countIf(down >= 500000) AS down_from_500000,
  countIf(down >= 1000000) AS down_from_1000000,
  countIf(down >= 2000000) AS down_from_2000000,
  countIf(down >= 5000000) AS down_from_5000000,
  countIf(down >= 10000000) AS down_from_10000000,
  countIf(down >= 20000000) AS down_from_20000000
FROM named
GROUP BY vantage, bin_us, service, class, name, fqdn_source, protocol, server_port
