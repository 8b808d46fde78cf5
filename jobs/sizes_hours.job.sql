-- How often each size of a flow occurred, hour by hour: exact distributions of any range, for a fraction of the flows.
input flows window 3600
output sizes_hours
  vantage text
  service text  -- Service that owns the flows.
  class text    -- Class within the service.
  bytes count   -- IP-layer bytes, both ways.
  flows count   -- Flows of that size.

SELECT vantage, service, class, up_bytes + down_bytes AS bytes, count(*) AS flows
FROM flows
WHERE service <> '' AND up_bytes IS NOT NULL AND down_bytes IS NOT NULL
GROUP BY vantage, service, class, bytes
