-- Flows whose duration or size is not whole, and why.
SELECT
  coalesce(sum(unmeasured), 0) AS unmeasured,
  coalesce(sum(without_end), 0) AS without_end,
  coalesce(sum(open_at_end), 0) AS open_at_end,
  coalesce(sum(cut_short), 0) AS cut_short
FROM flow_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
