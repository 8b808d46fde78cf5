-- The heaviest servers by address, class and port, with the number of all of them.
WITH servers AS (
  SELECT
    server_ip,
    class AS class_name,
    protocol,
    server_port,
    server_asn,
    server_country,
    count(*) AS flow_total,
    sum(coalesce(up_bytes, 0) + coalesce(down_bytes, 0)) AS byte_total,
    toUnixTimestamp64Micro(min(started_at)) AS first_us,
    toUnixTimestamp64Micro(max(coalesce(ended_at, started_at))) AS last_us
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND server_ip <> ''
  GROUP BY server_ip, class, protocol, server_port, server_asn, server_country
),
ranked AS (
  SELECT
    *,
    row_number() OVER (ORDER BY byte_total DESC, flow_total DESC, server_ip, class_name, protocol, server_port, server_asn, server_country) AS place,
    count(*) OVER () AS server_total,
    sum(byte_total) OVER () AS all_bytes,
    sum(flow_total) OVER () AS all_flows
  FROM servers
)
SELECT * FROM ranked
WHERE place <= {top:Int64}
ORDER BY place
