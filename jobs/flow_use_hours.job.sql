-- Flows and volume by what is known of them, by the hour in which they began.
input flows window 3600
rollup flow_use bin bin_at of started_at width 3600
output flow_use_hours
  vantage text
  bin_at time              -- Start of the hour.
  service text             -- Service that owns the flows, '' for what no rule owns.
  class text               -- Class within the service.
  left_out text            -- Why no name is looked for: 'protocol' (not TCP or UDP), 'dns' (DNS itself); else ''.
  fqdn_source text         -- Source of the name, as in `flows`.
  service_source text      -- What told the service, as in `flows`.
  dns_standing text        -- How the DNS name stood: '' none, 'network' another client's, 'valid', 'expired'.
  overdue_s count          -- Seconds that an expired answer was past its TTL at most, by class; NULL: none, or longer.
  candidates count         -- Names that the DNS left to choose from; 5 is five or more.
  rules_version text       -- Fingerprint of the rules that labelled the flows.
  flows count              -- Flows.
  up_bytes count           -- IP-layer bytes from clients.
  down_bytes count         -- IP-layer bytes to clients.
  unmeasured count         -- Flows without byte counts.
  without_end count        -- Flows without an end.
  open_at_end count        -- Flows that were open when their capture ended.
  cut_short count          -- Flows that the flow table cut.
  confidence_sum real      -- Sum of `service_confidence`.
  confidence_n count       -- Flows in that sum.
  first_at time            -- First packet of the first of them.
  last_at time             -- Last packet of the last of them.

WITH told AS (
  SELECT
    vantage,
    intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64} AS bin_us,
    service,
    class,
    CASE
      WHEN protocol NOT IN ('tcp', 'udp') THEN 'protocol'
      WHEN coalesce(server_port, 0) IN (53, 5353) THEN 'dns'
      ELSE ''
    END AS left_out,
    fqdn_source,
    service_source,
    CASE
      WHEN dns_name = '' THEN ''
      WHEN dns_evidence IN ('network', 'valid') THEN dns_evidence
      ELSE 'expired'
    END AS dns_standing,
    CASE WHEN dns_name <> '' AND dns_evidence NOT IN ('network', 'valid')
      THEN toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(dns_answered_at) - dns_ttl_s * 1000000
    END AS overdue_us,
    CASE WHEN dns_name = '' THEN 0 ELSE least(length(dns_candidates), 5) END AS candidates,
    rules_version,
    up_bytes AS up,
    down_bytes AS down,
    started_at,
    ended_at,
    end_reason,
    service_confidence
  FROM flows
)
SELECT
  vantage,
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  service,
  class,
  left_out,
  fqdn_source,
  service_source,
  dns_standing,
  CASE
    WHEN overdue_us <= 0 THEN 0
    WHEN overdue_us <= 60000000 THEN 60
    WHEN overdue_us <= 300000000 THEN 300
    WHEN overdue_us <= 900000000 THEN 900
    WHEN overdue_us <= 3600000000 THEN 3600
    WHEN overdue_us <= 21600000000 THEN 21600
    WHEN overdue_us <= 86400000000 THEN 86400
    WHEN overdue_us <= 604800000000 THEN 604800
  END AS overdue_s,
  candidates,
  rules_version,
  count(*) AS flows,
  coalesce(sum(up), 0) AS up_bytes,
  coalesce(sum(down), 0) AS down_bytes,
  countIf(up IS NULL OR down IS NULL) AS unmeasured,
  countIf(ended_at IS NULL) AS without_end,
  countIf(ended_at IS NOT NULL AND end_reason = 'eof') AS open_at_end,
  countIf(ended_at IS NOT NULL AND end_reason IN ('evicted', 'active')) AS cut_short,
  sum(service_confidence) AS confidence_sum,
  count(service_confidence) AS confidence_n,
  min(started_at) AS first_at,
  max(coalesce(ended_at, started_at)) AS last_at
FROM told
GROUP BY
  vantage, bin_us, service, class, left_out, fqdn_source, service_source, dns_standing, overdue_s, candidates,
  rules_version
