-- The heaviest address blocks of the database, with the number of all of them. System and country are those of the
-- heaviest flow of a block.
WITH blocks AS (
  SELECT
    server_prefix,
    argMax(server_asn, (coalesce(up_bytes, 0) + coalesce(down_bytes, 0), flow_id)) AS asn,
    argMax(server_org, (coalesce(up_bytes, 0) + coalesce(down_bytes, 0), flow_id)) AS org,
    argMax(server_country, (coalesce(up_bytes, 0) + coalesce(down_bytes, 0), flow_id)) AS country,
    uniqExact(server_ip) AS addresses,
    count(*) AS flow_total,
    sum(coalesce(up_bytes, 0) + coalesce(down_bytes, 0)) AS byte_total
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND server_ip <> ''
  GROUP BY server_prefix
),
ranked AS (
  SELECT
    *,
    row_number() OVER (ORDER BY CASE WHEN server_prefix = '' THEN 1 ELSE 0 END, byte_total DESC, flow_total DESC, server_prefix) AS place,
    sum(CASE WHEN server_prefix <> '' THEN 1 ELSE 0 END) OVER () AS block_total,
    sum(byte_total) OVER () AS all_bytes,
    sum(flow_total) OVER () AS all_flows
  FROM blocks
)
SELECT * FROM ranked
WHERE place <= {top:Int64} OR server_prefix = ''
ORDER BY place
