-- The servers of each service, hour by hour: the exact set, for distinct counts that must add up over any range.
input flows window 3600
output servers_hours
  vantage text
  service text       -- Service that owns the flows.
  class text         -- Class within the service.
  server_ip text     -- Address of the server.
  flows count        -- Flows that were reported.
  bytes count        -- IP-layer bytes, both ways.
  first_at time      -- First packet of the first of them.
  last_at time       -- Last packet of the last of them.
  rtt_min_us count   -- Least `server_rtt_us` of them.

SELECT
  vantage,
  service,
  class,
  server_ip,
  count(*) AS flows,
  coalesce(sum(up_bytes), 0) + coalesce(sum(down_bytes), 0) AS bytes,
  min(started_at) AS first_at,
  max(ended_at) AS last_at,
  min(server_rtt_us) AS rtt_min_us
FROM flows
WHERE service <> '' AND server_ip <> ''
GROUP BY vantage, service, class, server_ip
