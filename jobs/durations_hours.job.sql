-- How often each duration of a flow occurred whose end was seen, by the hour in which the flows began.
-- From 1,000 on a value is rounded to three digits, by half a percent at most: else hardly two flows would be alike.
input flows window 3600
rollup durations bin bin_at of started_at width 3600
output durations_hours
  vantage text
  bin_at time        -- Start of the hour.
  service text       -- Service that owns the flows, '' for what no rule owns.
  class text         -- Class within the service.
  duration_us count  -- Time from first to last packet.
  flows count        -- Flows of that value.

WITH measured AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    class,
    toUnixTimestamp64Micro(ended_at) - toUnixTimestamp64Micro(started_at) AS value
  FROM flows
  WHERE ended_at IS NOT NULL AND end_reason NOT IN ('eof', 'evicted', 'active')
),
scaled AS (
  SELECT
    vantage,
    bin_us,
    service,
    class,
    value,
    toInt64(round(pow(10, greatest(floor(log10(greatest(value, 1))) - 2, 0)))) AS step
  FROM measured
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  class,
  intDiv(value + intDiv(step, 2), step) * step AS duration_us,
  count(*) AS flows
FROM scaled
GROUP BY vantage, bin_us, service, class, duration_us
