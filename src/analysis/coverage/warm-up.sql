-- Eligible flows by the minutes of the clock since the one in which their import began, and how many of them have a name.
WITH beginnings AS (
  SELECT id, intDiv(toUnixTimestamp64Micro(first_at), 60000000) AS first_minute
  FROM imports({beginning:Int64}, {until:Int64})
),
aged AS (
  SELECT
    intDiv(toUnixTimestamp64Micro(minute_at), 60000000) - first_minute AS age_min,
    flows,
    dns_flows,
    named_flows
  FROM starts({from:Int64}, {until:Int64}) AS starts
  JOIN beginnings ON import_id = id
  WHERE ({service:String} = '' OR service = {service:String})
)
SELECT
  CASE WHEN age_min < 1 THEN 0 WHEN age_min < 5 THEN 1 WHEN age_min < 15 THEN 5 WHEN age_min < 60 THEN 15 ELSE 60 END
    AS from_minute,
  sum(flows) AS flow_total,
  sum(dns_flows) AS dns_total,
  sum(named_flows) AS named_total
FROM aged
GROUP BY from_minute
ORDER BY from_minute
