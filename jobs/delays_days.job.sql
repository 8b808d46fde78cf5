-- How often each time from a client's DNS answer to its flow occurred, by the day in which the flows began.
input delays_hours window 86400
rollup delays bin bin_at of bin_at width 86400
output delays_days
  vantage text
  bin_at time        -- Start of the day.
  service text       -- Service that owns the flows, '' for what no rule owns.
  dns_evidence text  -- How the answer stood then: 'valid' or 'expired'.
  delay_us count     -- Time from the answer to the first packet.
  flows count        -- Flows of that value.

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM delays_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  dns_evidence,
  delay_us,
  sum(flows) AS flows
FROM binned
GROUP BY bin_us, vantage, service, dns_evidence, delay_us
