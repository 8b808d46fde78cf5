-- Flows and volume by class.
SELECT
  class AS class_name,
  count(*) AS flow_total,
  coalesce(sum(up_bytes), 0) AS up_total,
  coalesce(sum(down_bytes), 0) AS down_total,
  coalesce(sum(CASE WHEN up_bytes IS NULL OR down_bytes IS NULL THEN 1 ELSE 0 END), 0) AS unmeasured
FROM flows
WHERE ({service:String} = '' OR service = {service:String})
  AND started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
GROUP BY class
ORDER BY up_total + down_total DESC, flow_total DESC, class_name
