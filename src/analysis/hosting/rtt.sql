-- How many server addresses have which least RTT, to a tenth of a millisecond: by class, by country of registration, and over
-- all of them as level 'all'. NULL is an address with fewer handshakes than asked for, or with a least RTT over 10 s.
WITH used AS (
  SELECT class, server_country, server_ip, sum(rtt_flows) AS handshakes, min(rtt_min_us) AS least_us
  FROM server_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
    AND server_ip <> ''
    AND rtt_flows > 0
  GROUP BY class, server_country, server_ip
),
levels AS (
  SELECT 'class' AS level, class AS name, server_ip, handshakes, least_us FROM used
  UNION ALL
  SELECT 'country' AS level, server_country AS name, server_ip, handshakes, least_us FROM used
  UNION ALL
  SELECT 'all' AS level, '' AS name, server_ip, handshakes, least_us FROM used
),
servers AS (
  SELECT level, name, server_ip, sum(handshakes) AS handshake_total, min(least_us) AS rtt
  FROM levels
  GROUP BY level, name, server_ip
),
rounded AS (
  SELECT
    level,
    name,
    CASE
      WHEN handshake_total >= {least_flows:Int64} AND rtt >= 0 AND rtt <= 10000000 THEN intDiv(rtt + 50, 100) * 100
    END AS rtt_us
  FROM servers
)
SELECT level, name, rtt_us, count(*) AS addresses
FROM rounded
GROUP BY level, name, rtt_us
ORDER BY level, name, rtt_us
