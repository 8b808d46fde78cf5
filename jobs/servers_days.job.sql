-- The servers of each service, day by day.
input servers_hours window 86400
output servers_days
  vantage text
  service text       -- Service that owns the flows.
  class text         -- Class within the service.
  server_ip text     -- Address of the server.
  hours count        -- Hours in which it was used.
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
  count(*) AS hours,
  sum(flows) AS flows,
  sum(bytes) AS bytes,
  min(first_at) AS first_at,
  max(last_at) AS last_at,
  min(rtt_min_us) AS rtt_min_us
FROM servers_hours
GROUP BY vantage, service, class, server_ip
