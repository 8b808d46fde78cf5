-- Volume by bin and class, from the counters of every minute that the range touches.
SELECT
  class AS class_name,
  intDiv(toUnixTimestamp64Micro(bin_at) - {minute_origin:Int64}, {minute_width:Int64}) AS bin,
  coalesce(sum(up_bytes), 0) AS up_total,
  coalesce(sum(down_bytes), 0) AS down_total
FROM volume({minute_from:Int64}, {until:Int64}, {minute_width:Int64})
WHERE ({service:String} = '' OR service = {service:String})
GROUP BY class_name, bin
ORDER BY class_name, bin
