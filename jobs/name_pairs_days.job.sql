-- Names asked of the DNS and given to the server, where a flow has both, by the day in which the flows began.
input name_pairs_hours window 86400
rollup name_pairs bin bin_at of bin_at width 86400
output name_pairs_days
  vantage text
  bin_at time    -- Start of the day.
  service text   -- Service that owns the flows, '' for what no rule owns.
  sni text       -- Name given to the server; '' where the two are equal.
  dns_name text  -- Name asked of the DNS; '' where the two are equal.
  flows count    -- Eligible flows: TCP and UDP, DNS itself left out.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM name_pairs_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  sni,
  dns_name,
  sum(flows) AS flows
FROM binned
GROUP BY bin_us, vantage, service, sni, dns_name
