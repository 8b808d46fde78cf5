-- How often each time from a client's DNS answer to its flow occurred, by the hour in which the flows began.
-- From 1,000 on a value is rounded to three digits, by half a percent at most: else hardly two flows would be alike.
input flows window 3600
rollup delays bin bin_at of started_at width 3600
output delays_hours
  vantage text
  bin_at time        -- Start of the hour.
  service text       -- Service that owns the flows, '' for what no rule owns.
  dns_evidence text  -- How the answer stood then: 'valid' or 'expired'.
  delay_us count     -- Time from the answer to the first packet.
  flows count        -- Flows of that value.

WITH measured AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    dns_evidence,
    toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(dns_answered_at) AS value
  FROM flows
  WHERE protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND dns_name <> ''
    AND dns_answered_at IS NOT NULL
    AND dns_evidence IN ('valid', 'expired')
),
scaled AS (
  SELECT
    vantage,
    bin_us,
    service,
    dns_evidence,
    value,
    toInt64(round(pow(10, greatest(floor(log10(greatest(value, 1))) - 2, 0)))) AS step
  FROM measured
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  dns_evidence,
  intDiv(value + intDiv(step, 2), step) * step AS delay_us,
  count(*) AS flows
FROM scaled
GROUP BY vantage, bin_us, service, dns_evidence, delay_us
