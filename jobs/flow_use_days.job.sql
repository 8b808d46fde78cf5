-- Flows and volume by what is known of them, by the day in which they began.
input flow_use_hours window 86400
rollup flow_use bin bin_at of bin_at width 86400
output flow_use_days
  vantage text
  bin_at time              -- Start of the day.
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

WITH binned AS (
  SELECT *, intDiv(toUnixTimestamp64Micro(bin_at), {bin:Int64}) * {bin:Int64} AS bin_us
  FROM flow_use_hours
)
SELECT
  fromUnixTimestamp64Micro(bin_us) AS bin_at,
  vantage,
  service,
  class,
  left_out,
  fqdn_source,
  service_source,
  dns_standing,
  overdue_s,
  candidates,
  rules_version,
  sum(flows) AS flows,
  sum(up_bytes) AS up_bytes,
  sum(down_bytes) AS down_bytes,
  sum(unmeasured) AS unmeasured,
  sum(without_end) AS without_end,
  sum(open_at_end) AS open_at_end,
  sum(cut_short) AS cut_short,
  sum(confidence_sum) AS confidence_sum,
  sum(confidence_n) AS confidence_n,
  min(first_at) AS first_at,
  max(last_at) AS last_at
FROM binned
GROUP BY
  bin_us, vantage, service, class, left_out, fqdn_source, service_source, dns_standing, overdue_s, candidates,
  rules_version
