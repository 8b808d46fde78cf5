-- Pairs of the name asked of the DNS and the name given to the server, where a flow has both; the most frequent ones first.
WITH pairs AS (
  SELECT sni, dns_name AS asked_name, sum(flows) AS flow_total
  FROM name_pairs({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
  GROUP BY sni, dns_name
),
ranked AS (
  SELECT
    *,
    sum(flow_total) OVER () AS all_flows,
    sum(CASE WHEN sni = asked_name THEN flow_total ELSE 0 END) OVER () AS equal_flows,
    row_number() OVER (ORDER BY CASE WHEN sni = asked_name THEN 1 ELSE 0 END, flow_total DESC, sni, asked_name) AS place
  FROM pairs
)
SELECT sni, asked_name, flow_total, all_flows, equal_flows
FROM ranked
WHERE place <= 20000
ORDER BY place
