-- Names asked of the DNS and given to the server, where a flow has both, by the hour in which the flows began.
input flows window 3600
rollup name_pairs bin bin_at of started_at width 3600
output name_pairs_hours
  vantage text
  bin_at time    -- Start of the hour.
  service text   -- Service that owns the flows, '' for what no rule owns.
  sni text       -- Name given to the server; '' where the two are equal.
  dns_name text  -- Name asked of the DNS; '' where the two are equal.
  flows count    -- Eligible flows: TCP and UDP, DNS itself left out.

WITH compared AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    CASE WHEN tls_sni = dns_name THEN '' ELSE tls_sni END AS sni,
    CASE WHEN tls_sni = dns_name THEN '' ELSE dns_name END AS asked
  FROM flows
  WHERE protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND tls_sni <> '' AND dns_name <> '' AND dns_evidence <> 'network'
    AND (sni_is_outer IS NULL OR NOT sni_is_outer)
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  sni,
  asked AS dns_name,
  count(*) AS flows
FROM compared
GROUP BY vantage, bin_us, service, sni, asked
