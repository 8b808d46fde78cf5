-- How often each size of a flow occurred, day by day.
input sizes_hours window 86400
output sizes_days
  vantage text
  service text  -- Service that owns the flows.
  class text    -- Class within the service.
  bytes count   -- IP-layer bytes, both ways.
  flows count   -- Flows of that size.

SELECT vantage, service, class, bytes, sum(flows) AS flows
FROM sizes_hours
GROUP BY vantage, service, class, bytes
