-- Servers by class.
SELECT
  class AS class_name,
  uniqExact(server_ip) AS addresses,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN server_net END) AS nets_24,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN regexp_extract(server_net, '^([0-9]+[.][0-9]+)', 1) END) AS nets_16,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN regexp_extract(server_net, '^([0-9]+)', 1) END) AS nets_8,
  uniqExact(CASE WHEN server_net LIKE '%:%' THEN server_net END) AS nets_48,
  uniqExact(server_asn) AS systems,
  sum(flows) AS flow_total,
  sum(up_bytes) + sum(down_bytes) AS byte_total
FROM server_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
  AND server_ip <> ''
GROUP BY class
ORDER BY byte_total DESC, class_name
