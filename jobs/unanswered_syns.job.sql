-- TCP connections that were tried in vain: SYN without SYN/ACK, and no answered try of the same client at the same
-- server within 3 s. The fourth job of DBStream's published workload: a window of 60 s against one of 65 s.
input flows window 60 primary
input flows as near window 65
output unanswered_syns window 3600
  vantage text
  server_ip text     -- Address of the server.
  server_port count  -- Port of the server.
  service text       -- Service that owns the flows.
  tries count        -- Flows with a SYN and no SYN/ACK.
  clients count      -- How many clients they are of.

SELECT
  vantage,
  server_ip,
  server_port,
  service,
  count(*) AS tries,
  uniqExact(client) AS clients
FROM flows
WHERE protocol = 'tcp' AND up_syns > 0 AND down_syns = 0
  AND NOT EXISTS (
    SELECT 1
    FROM near
    WHERE near.vantage = flows.vantage
      AND near.client = flows.client
      AND near.server_ip = flows.server_ip
      AND near.server_port = flows.server_port
      AND near.down_syns > 0
      AND toUnixTimestamp64Micro(near.started_at) - toUnixTimestamp64Micro(flows.started_at) BETWEEN -3000000 AND 3000000
  )
GROUP BY vantage, server_ip, server_port, service
