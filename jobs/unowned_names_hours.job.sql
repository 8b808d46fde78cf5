-- Names of flows that no rule owns, by the hour in which the flows began; what has an owner, or no name, is one row.
input flows window 3600
rollup unowned_names bin bin_at of started_at width 3600
output unowned_names_hours
  vantage text
  bin_at time  -- Start of the hour.
  name text    -- Name to use, '' for flows that have an owner or no name.
  flows count  -- Eligible flows: TCP and UDP, DNS itself left out.
  bytes count  -- Their IP-layer bytes, both ways.

WITH eligible AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    CASE WHEN service = '' THEN fqdn ELSE '' END AS name,
    coalesce(up_bytes, 0) + coalesce(down_bytes, 0) AS volume
  FROM flows
  WHERE protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  name,
  count(*) AS flows,
  sum(volume) AS bytes
FROM eligible
GROUP BY vantage, bin_us, name
