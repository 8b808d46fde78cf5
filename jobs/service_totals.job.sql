-- Flows and volume by service since the store began, as of the end of each day: what was before and what came to it.
input counters window 86400 primary
input service_totals window 86400 delay 86400
output service_totals
  vantage text
  service text         -- Service, '' for what no rule owns.
  class text           -- Class within the service.
  flows_opened count   -- Flows.
  up_bytes count       -- IP-layer bytes from clients.
  down_bytes count     -- IP-layer bytes to clients.

WITH known AS (
  SELECT vantage, service, class, flows_opened, up_bytes, down_bytes FROM counters
  UNION ALL
  SELECT vantage, service, class, flows_opened, up_bytes, down_bytes FROM service_totals
)
SELECT
  vantage,
  service,
  class,
  coalesce(sum(flows_opened), 0) AS flows_opened,
  coalesce(sum(up_bytes), 0) AS up_bytes,
  coalesce(sum(down_bytes), 0) AS down_bytes
FROM known
GROUP BY vantage, service, class
