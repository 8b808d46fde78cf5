-- Servers by autonomous system, with one more row over all of them.
WITH addresses AS (
  SELECT
    server_ip,
    server_net,
    server_asn AS asn,
    server_org AS org,
    server_country AS country,
    sum(flows) AS flow_count,
    sum(up_bytes) + sum(down_bytes) AS volume,
    sum(answered) AS answered_flows
  FROM server_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
    AND server_ip <> ''
  GROUP BY server_ip, server_net, server_asn, server_org, server_country
),
levels AS (
  SELECT 'as' AS level, asn, org, country, server_ip, server_net, flow_count, volume, answered_flows FROM addresses
  UNION ALL
  SELECT 'all' AS level, NULL AS asn, '' AS org, country, server_ip, server_net, flow_count, volume, answered_flows FROM addresses
)
SELECT
  level,
  asn,
  org,
  argMax(country, (volume, country)) AS heaviest_country,
  uniqExact(CASE WHEN country <> '' THEN country END) AS countries,
  uniqExact(server_ip) AS addresses,
  uniqExact(CASE WHEN server_ip LIKE '%.%' AND server_ip NOT LIKE '%:%' THEN server_ip END) AS ipv4_addresses,
  uniqExact(CASE WHEN answered_flows > 0 THEN server_ip END) AS answering,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN server_net END) AS nets_24,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN regexp_extract(server_net, '^([0-9]+[.][0-9]+)', 1) END) AS nets_16,
  uniqExact(CASE WHEN server_net LIKE '%.%' THEN regexp_extract(server_net, '^([0-9]+)', 1) END) AS nets_8,
  uniqExact(CASE WHEN server_net LIKE '%:%' THEN server_net END) AS nets_48,
  sum(flow_count) AS flow_total,
  sum(volume) AS byte_total
FROM levels
GROUP BY level, asn, org
ORDER BY byte_total DESC, flow_total DESC, asn, org
