-- Flows that could have a name, by the minute of the clock in which they began and the import that brought them, and how
-- many of them have one.
input flows window 3600
rollup starts bin bin_at of started_at width 3600
output starts_hours
  vantage text
  bin_at time        -- Start of the hour.
  minute_at time     -- Start of the minute in which the flows began.
  import_id text     -- Import or capture that brought them: `source` of the flows.
  service text       -- Service that owns them, '' for what no rule owns.
  flows count        -- TCP and UDP flows, except DNS itself.
  dns_flows count    -- Those with a name from an answer to their own client.
  named_flows count  -- Those with a name, from any source.

WITH eligible AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    intDiv(toUnixTimestamp64Micro(started_at), 60000000) * 60000000 AS minute_us,
    source AS import_id,
    service,
    dns_name <> '' AND dns_evidence <> 'network' AS has_dns,
    fqdn_source <> '' AS has_name
  FROM flows
  WHERE protocol IN ('tcp', 'udp') AND coalesce(server_port, 0) NOT IN (53, 5353)
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  fromUnixTimestamp64Micro(minute_us) AS minute_at,
  import_id,
  service,
  count(*) AS flows,
  countIf(has_dns) AS dns_flows,
  countIf(has_name) AS named_flows
FROM eligible
GROUP BY vantage, bin_us, minute_us, import_id, service
