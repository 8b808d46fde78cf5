-- The heaviest servers by address, class and port, with the number of all of them.
WITH servers AS (
  SELECT
    server_ip,
    class AS class_name,
    protocol,
    server_port,
    server_asn,
    server_country,
    sum(flows) AS flow_total,
    sum(up_bytes) + sum(down_bytes) AS byte_total,
    toUnixTimestamp64Micro(min(first_at)) AS first_us,
    toUnixTimestamp64Micro(max(last_at)) AS last_us
  FROM server_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
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
