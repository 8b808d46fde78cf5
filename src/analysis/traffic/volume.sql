-- Volume by bin and class, from the counters of every minute that the range touches.
SELECT
  class AS class_name,
  intDiv(toUnixTimestamp64Micro(minute_at) - {minute_origin:Int64}, {minute_width:Int64}) AS bin,
  coalesce(sum(up_bytes), 0) AS up_total,
  coalesce(sum(down_bytes), 0) AS down_total
FROM counters
WHERE ({service:String} = '' OR service = {service:String})
  AND minute_at > fromUnixTimestamp64Micro({from:Int64} - 60000000)
  AND minute_at < fromUnixTimestamp64Micro({until:Int64})
GROUP BY class_name, bin
ORDER BY class_name, bin
