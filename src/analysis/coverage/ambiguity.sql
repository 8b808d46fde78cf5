-- Flows with a DNS name by the number of names that had answered their server to their client; 5 is five or more.
SELECT
  candidates,
  sum(flows) AS flow_total,
  sum(up_bytes) + sum(down_bytes) AS byte_total
FROM flow_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
  AND left_out = ''
  AND candidates > 0
GROUP BY candidates
ORDER BY candidates
