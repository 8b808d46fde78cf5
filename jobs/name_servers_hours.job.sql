-- The servers behind each name, by the hour in which the flows began.
input flows window 3600
rollup name_servers bin bin_at of started_at width 3600
output name_servers_hours
  vantage text
  bin_at time         -- Start of the hour.
  service text        -- Service that owns the flows, '' for what no rule owns.
  name text           -- Name to use; flows without one are left out.
  server_ip text      -- Address of the server.
  server_net text     -- Its /24 or /48.
  flows count         -- Eligible flows: TCP and UDP, DNS itself left out.
  bytes count         -- Their IP-layer bytes, both directions.

SELECT
  vantage,
  fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64}) AS bin_at,
  service,
  fqdn AS name,
  server_ip,
  server_net,
  count(*) AS flows,
  coalesce(sum(up_bytes), 0) + coalesce(sum(down_bytes), 0) AS bytes
FROM flows
WHERE protocol IN ('tcp', 'udp')
  AND coalesce(server_port, 0) NOT IN (53, 5353)
  AND fqdn <> ''
GROUP BY vantage, bin_at, service, name, server_ip, server_net
