-- The names of each service, the servers behind them and what they carry, by the hour in which the flows began.
input flows window 3600
rollup name_servers bin bin_at of started_at width 3600
output name_servers_hours
  vantage text
  bin_at time         -- Start of the hour.
  service text        -- Service that owns the flows, '' for what no rule owns.
  class text          -- Class within the service.
  name text           -- Name to use; flows without one are left out.
  fqdn_source text    -- Source of the name, as in `flows`.
  protocol text       -- Protocol: 'tcp' or 'udp'.
  server_port count   -- Port of the server.
  server_ip text      -- Address of the server.
  server_net text     -- Its /24 or /48.
  flows count         -- Eligible flows: TCP and UDP, DNS itself left out.
  up_bytes count      -- IP-layer bytes from clients.
  down_bytes count    -- IP-layer bytes to clients.
  lingering count     -- Flows that lasted two minutes or longer with under 100 bytes a second.

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
    server_ip,
    server_net,
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
  server_ip,
  server_net,
  count(*) AS flows,
  coalesce(sum(up), 0) AS up_bytes,
  coalesce(sum(down), 0) AS down_bytes,
  countIf(lasted_us >= 120000000 AND (up + down) * 10000 < lasted_us) AS lingering
FROM named
GROUP BY
  vantage, bin_us, service, class, name, fqdn_source, protocol, server_port, server_ip, server_net
