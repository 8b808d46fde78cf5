-- The servers behind each name, by the day in which the flows began.
input name_servers_hours window 86400
rollup name_servers bin bin_at of bin_at width 86400
output name_servers_days
  vantage text
  bin_at time         -- Start of the day.
  service text        -- Service that owns the flows, '' for what no rule owns.
  name text           -- Name to use; flows without one are left out.
  server_ip text      -- Address of the server.
  server_net text     -- Its /24 or /48.
  flows count         -- Eligible flows: TCP and UDP, DNS itself left out.
  bytes count         -- Their IP-layer bytes, both directions.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM name_servers_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  name,
  server_ip,
  server_net,
  sum(flows) AS flows,
  sum(bytes) AS bytes
FROM binned
GROUP BY bin_us, vantage, service, name, server_ip, server_net
