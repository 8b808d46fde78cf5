-- Flows whose duration or size is not whole, and why.
SELECT
  coalesce(sum(CASE WHEN up_bytes IS NULL OR down_bytes IS NULL THEN 1 ELSE 0 END), 0) AS unmeasured,
  coalesce(sum(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END), 0) AS without_end,
  coalesce(sum(CASE WHEN ended_at IS NOT NULL AND end_reason = 'eof' THEN 1 ELSE 0 END), 0) AS open_at_end,
  coalesce(sum(CASE WHEN ended_at IS NOT NULL AND end_reason IN ('evicted', 'active') THEN 1 ELSE 0 END), 0) AS cut_short
FROM flows
WHERE ({service:String} = '' OR service = {service:String})
  AND started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
