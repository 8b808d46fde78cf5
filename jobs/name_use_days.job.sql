-- What the flows under each name are and carry, by the day in which they began.
input name_use_hours window 86400
rollup name_use bin bin_at of bin_at width 86400
output name_use_days
  vantage text
  bin_at time         -- Start of the day.
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

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM name_use_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  class,
  name,
  fqdn_source,
  protocol,
  server_port,
  sum(flows) AS flows,
  sum(up_bytes) AS up_bytes,
  sum(down_bytes) AS down_bytes,
  sum(lingering) AS lingering,
  sum(up_flows) AS up_flows,
  sum(up_from_500) AS up_from_500,
  sum(up_from_1000) AS up_from_1000,
  sum(up_from_2000) AS up_from_2000,
  sum(up_from_5000) AS up_from_5000,
  sum(up_from_10000) AS up_from_10000,
  sum(up_from_20000) AS up_from_20000,
  sum(up_from_50000) AS up_from_50000,
  sum(up_from_100000) AS up_from_100000,
  sum(up_from_200000) AS up_from_200000,
  sum(up_from_500000) AS up_from_500000,
  sum(up_from_1000000) AS up_from_1000000,
  sum(up_from_2000000) AS up_from_2000000,
  sum(up_from_5000000) AS up_from_5000000,
  sum(up_from_10000000) AS up_from_10000000,
  sum(up_from_20000000) AS up_from_20000000,
  sum(down_flows) AS down_flows,
  sum(down_from_500) AS down_from_500,
  sum(down_from_1000) AS down_from_1000,
  sum(down_from_2000) AS down_from_2000,
  sum(down_from_5000) AS down_from_5000,
  sum(down_from_10000) AS down_from_10000,
  sum(down_from_20000) AS down_from_20000,
  sum(down_from_50000) AS down_from_50000,
  sum(down_from_100000) AS down_from_100000,
  sum(down_from_200000) AS down_from_200000,
  sum(down_from_500000) AS down_from_500000,
  sum(down_from_1000000) AS down_from_1000000,
  sum(down_from_2000000) AS down_from_2000000,
  sum(down_from_5000000) AS down_from_5000000,
  sum(down_from_10000000) AS down_from_10000000,
  sum(down_from_20000000) AS down_from_20000000
FROM binned
GROUP BY bin_us, vantage, service, class, name, fqdn_source, protocol, server_port
