-- Distribution of the duration of flows by class: each value that is the nearest-rank quantile of some k / 1000, and the least.
WITH measured AS (
  SELECT class AS series, toUnixTimestamp64Micro(ended_at) - toUnixTimestamp64Micro(started_at) AS value
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND ended_at IS NOT NULL
    AND end_reason NOT IN ('eof', 'evicted', 'active')
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
