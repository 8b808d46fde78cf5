-- How often each size of a flow occurred under each name, by the hour in which the flows began.
-- Sizes are known to an eighth: each octave is cut into four, and the middle stands for what lies in a quarter.
input flows window 3600
rollup name_sizes bin bin_at of started_at width 3600
output name_sizes_hours
  vantage text
  bin_at time      -- Start of the hour.
  service text     -- Service that owns the flows, '' for what no rule owns.
  name text        -- Name to use; flows without one are left out.
  direction text   -- 'up' or 'down'.
  size count       -- IP-layer bytes of a flow in that direction: the middle of a quarter of an octave.
  flows count      -- Eligible flows of that size; without byte counts they are left out.
  bytes count      -- Their IP-layer bytes in that direction.

WITH measured AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    fqdn,
    up_bytes,
    down_bytes
  FROM flows
  WHERE protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND fqdn <> ''
),
directed AS (
  SELECT vantage, bin_us, service, fqdn, 'up' AS way, up_bytes AS value FROM measured WHERE up_bytes IS NOT NULL
  UNION ALL
  SELECT vantage, bin_us, service, fqdn, 'down' AS way, down_bytes AS value FROM measured WHERE down_bytes IS NOT NULL
),
scaled AS (
  SELECT *, toInt64(pow(2, greatest(floor(log2(greatest(value, 1))) - 2, 0))) AS step
  FROM directed
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  fqdn AS name,
  way AS direction,
  intDiv(value, step) * step + intDiv(step, 2) AS size,
  count(*) AS flows,
  sum(value) AS bytes
FROM scaled
GROUP BY vantage, bin_us, service, fqdn, way, size
