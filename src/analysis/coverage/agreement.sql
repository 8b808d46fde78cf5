-- Pairs of the name asked of the DNS and the name given to the server, where a flow has both; the most frequent ones first.
WITH pairs AS (
  SELECT tls_sni, dns_name, count(*) AS flow_total
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND tls_sni <> '' AND dns_name <> '' AND dns_evidence <> 'network'
    AND (sni_is_outer IS NULL OR NOT sni_is_outer)
  GROUP BY tls_sni, dns_name
),
ranked AS (
  SELECT
    *,
    sum(flow_total) OVER () AS all_flows,
    sum(CASE WHEN tls_sni = dns_name THEN flow_total ELSE 0 END) OVER () AS equal_flows,
    row_number() OVER (ORDER BY CASE WHEN tls_sni = dns_name THEN 1 ELSE 0 END, flow_total DESC, tls_sni, dns_name) AS place
  FROM pairs
)
SELECT tls_sni, dns_name, flow_total, all_flows, equal_flows
FROM ranked
WHERE place <= 20000
ORDER BY place
