-- Distribution of the time from a client's DNS answer to the first packet of the flow, by how the answer stood then:
-- each value that is the nearest-rank quantile of some k / 1000, and the least.
WITH measured AS (
  SELECT
    dns_evidence AS series,
    toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(dns_answered_at) AS value
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND dns_name <> ''
    AND dns_answered_at IS NOT NULL
    AND dns_evidence IN ('valid', 'expired')
),
counted AS (
  SELECT series, value, count(*) AS n FROM measured GROUP BY series, value
),
totals AS (
  SELECT series AS of_series, sum(n) AS total FROM counted GROUP BY series
),
cumulated AS (
  SELECT series, value, n, sum(n) OVER (PARTITION BY series ORDER BY value ROWS UNBOUNDED PRECEDING) AS up_to
  FROM counted
)
SELECT series, value, up_to, total
FROM cumulated
JOIN totals ON series = of_series
WHERE up_to = n OR intDiv(up_to * 1000, total) > intDiv((up_to - n) * 1000, total)
ORDER BY series, value
