-- How often each duration of a flow occurred whose end was seen, by the day in which the flows began.
input durations_hours window 86400
rollup durations bin bin_at of bin_at width 86400
output durations_days
  vantage text
  bin_at time        -- Start of the day.
  service text       -- Service that owns the flows, '' for what no rule owns.
  class text         -- Class within the service.
  duration_us count  -- Time from first to last packet.
  flows count        -- Flows of that value.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM durations_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  class,
  duration_us,
  sum(flows) AS flows
FROM binned
GROUP BY bin_us, vantage, service, class, duration_us
