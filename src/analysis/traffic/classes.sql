-- Flows and volume by class.
SELECT
  class AS class_name,
  sum(flows) AS flow_total,
  sum(up_bytes) AS up_total,
  sum(down_bytes) AS down_total,
  sum(unmeasured) AS unmeasured
FROM flow_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
GROUP BY class
ORDER BY up_total + down_total DESC, flow_total DESC, class_name
