-- Servers by class.
SELECT
  class AS class_name,
  uniqExact(server_ip) AS addresses,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN server_net END) AS nets_24,
  uniqExact(CASE WHEN server_net LIKE '%:%' THEN server_net END) AS nets_48,
  uniqExact(server_asn) AS systems,
  count(*) AS flow_total,
  sum(coalesce(up_bytes, 0) + coalesce(down_bytes, 0)) AS byte_total
FROM flows
WHERE ({service:String} = '' OR service = {service:String})
  AND started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
  AND server_ip <> ''
GROUP BY class
ORDER BY byte_total DESC, class_name
