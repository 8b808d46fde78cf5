-- How often each size of a flow occurred under each name, by the day in which the flows began.
input name_sizes_hours window 86400
rollup name_sizes bin bin_at of bin_at width 86400
output name_sizes_days
  vantage text
  bin_at time      -- Start of the day.
  service text     -- Service that owns the flows, '' for what no rule owns.
  name text        -- Name to use; flows without one are left out.
  direction text   -- 'up' or 'down'.
  size count       -- IP-layer bytes of a flow in that direction: the middle of a quarter of an octave.
  flows count      -- Eligible flows of that size; without byte counts they are left out.
  bytes count      -- Their IP-layer bytes in that direction.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM name_sizes_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  name,
  direction,
  size,
  sum(flows) AS flows,
  sum(bytes) AS bytes
FROM binned
GROUP BY bin_us, vantage, service, name, direction, size
