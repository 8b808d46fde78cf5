-- Distribution of the size of flows by class: each value that is the nearest-rank quantile of some k / 1000, and the least.
WITH counted AS (
  SELECT class AS series, bytes AS value, sum(flows) AS n
  FROM sizes({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
  GROUP BY class, bytes
),
totals AS (
  SELECT series AS of_series, sum(n) AS total FROM counted GROUP BY series
),
cumulated AS (
  SELECT series, value, n, sum(n) OVER (PARTITION BY series ORDER BY value ROWS UNBOUNDED PRECEDING) AS up_to
  FROM counted
)
SELECT series, value, n, up_to, total
FROM cumulated
JOIN totals ON series = of_series
WHERE up_to = n OR intDiv(up_to * 1000, total) > intDiv((up_to - n) * 1000, total)
ORDER BY series, value
