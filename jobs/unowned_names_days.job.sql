-- Names of flows that no rule owns, by the day in which the flows began; what has an owner, or no name, is one row.
input unowned_names_hours window 86400
rollup unowned_names bin bin_at of bin_at width 86400
output unowned_names_days
  vantage text
  bin_at time  -- Start of the day.
  name text    -- Name to use, '' for flows that have an owner or no name.
  flows count  -- Eligible flows: TCP and UDP, DNS itself left out.
  bytes count  -- Their IP-layer bytes, both ways.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM unowned_names_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  name,
  sum(flows) AS flows,
  sum(bytes) AS bytes
FROM binned
GROUP BY bin_us, vantage, name
