-- Distribution of the time from a client's DNS answer to the first packet of the flow, by how the answer stood then:
-- each value that is the nearest-rank quantile of some k / 1000, and the least.
WITH counted AS (
  SELECT dns_evidence AS series, delay_us AS value, sum(flows) AS n
  FROM delays({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
  GROUP BY dns_evidence, delay_us
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
