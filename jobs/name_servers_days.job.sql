-- The names of each service, the servers behind them and what they carry, by the day in which the flows began.
input name_servers_hours window 86400
rollup name_servers bin bin_at of bin_at width 86400
output name_servers_days
  vantage text
  bin_at time         -- Start of the day.
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

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM name_servers_hours
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
  server_ip,
  server_net,
  sum(flows) AS flows,
  sum(up_bytes) AS up_bytes,
  sum(down_bytes) AS down_bytes,
  sum(lingering) AS lingering
FROM binned
GROUP BY bin_us, vantage, service, class, name, fqdn_source, protocol, server_port, server_ip, server_net
