-- The heaviest names that no rule owns, with the sums over all such names and over all eligible flows; all traffic.
WITH eligible AS (
  SELECT fqdn, service, coalesce(up_bytes, 0) + coalesce(down_bytes, 0) AS volume
  FROM flows
  WHERE started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
),
names AS (
  SELECT
    CASE WHEN service = '' THEN fqdn ELSE '' END AS unowned_name,
    count(*) AS flow_total,
    sum(volume) AS byte_total
  FROM eligible
  GROUP BY unowned_name
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
