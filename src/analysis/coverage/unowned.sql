-- The heaviest names that no rule owns, with the sums over all such names and over all eligible flows; all traffic.
WITH names AS (
  SELECT name AS unowned_name, sum(flows) AS flow_total, sum(bytes) AS byte_total
  FROM unowned_names({from:Int64}, {until:Int64})
  GROUP BY name
),
ranked AS (
  SELECT
    *,
    sum(byte_total) OVER () AS eligible_bytes,
    sum(CASE WHEN unowned_name <> '' THEN flow_total ELSE 0 END) OVER () AS unowned_flows,
    row_number() OVER (ORDER BY CASE WHEN unowned_name = '' THEN 1 ELSE 0 END, byte_total DESC, flow_total DESC, unowned_name) AS place
  FROM names
)
SELECT unowned_name, flow_total, byte_total, eligible_bytes, unowned_flows
FROM ranked
WHERE place <= 20000 AND unowned_name <> ''
ORDER BY place
