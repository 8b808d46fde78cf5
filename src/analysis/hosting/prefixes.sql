-- The heaviest address blocks of the database, with the number of all of them. System and country of a block are those that
-- carry most of its bytes.
WITH addresses AS (
  SELECT
    server_prefix,
    server_ip,
    server_asn,
    server_org,
    server_country,
    sum(flows) AS flow_count,
    sum(up_bytes) + sum(down_bytes) AS volume
  FROM server_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
    AND server_ip <> ''
  GROUP BY server_prefix, server_ip, server_asn, server_org, server_country
),
owners AS (
  SELECT server_prefix, server_asn, server_org, server_country, sum(volume) AS owned_bytes
  FROM addresses
  GROUP BY server_prefix, server_asn, server_org, server_country
),
owned AS (
  SELECT
    server_prefix AS of_prefix,
    argMax(server_asn, (owned_bytes, server_org, server_country, server_asn)) AS asn,
    argMax(server_org, (owned_bytes, server_org, server_country)) AS org,
    argMax(server_country, (owned_bytes, server_org, server_country)) AS country
  FROM owners
  GROUP BY server_prefix
),
blocks AS (
  SELECT
    server_prefix,
    uniqExact(server_ip) AS addresses,
    sum(flow_count) AS flow_total,
    sum(volume) AS byte_total
  FROM addresses
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
SELECT server_prefix, asn, org, country, addresses, flow_total, byte_total, place, block_total, all_bytes, all_flows
FROM ranked
JOIN owned ON server_prefix = of_prefix
WHERE place <= {top:Int64} OR server_prefix = ''
ORDER BY place
