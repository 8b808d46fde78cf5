-- Flows with a DNS name by the number of names that had answered their server to their client; 5 is five or more.
SELECT
  least(length(dns_candidates), 5) AS candidates,
  count(*) AS flow_total,
  sum(coalesce(up_bytes, 0) + coalesce(down_bytes, 0)) AS byte_total
FROM flows
WHERE ({service:String} = '' OR service = {service:String})
  AND started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
  AND protocol IN ('tcp', 'udp')
  AND coalesce(server_port, 0) NOT IN (53, 5353)
  AND dns_name <> ''
  AND length(dns_candidates) > 0
GROUP BY candidates
ORDER BY candidates
