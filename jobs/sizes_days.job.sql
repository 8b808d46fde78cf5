-- How often each size of a flow occurred, by the day in which the flows began.
input sizes_hours window 86400
rollup sizes bin bin_at of bin_at width 86400
output sizes_days
  vantage text
  bin_at time   -- Start of the day.
  service text  -- Service that owns the flows, '' for what no rule owns.
  class text    -- Class within the service.
  bytes count   -- IP-layer bytes, both ways.
  flows count   -- Flows of that value.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM sizes_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  class,
  bytes,
  sum(flows) AS flows
FROM binned
GROUP BY bin_us, vantage, service, class, bytes
