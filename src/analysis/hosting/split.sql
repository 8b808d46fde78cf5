-- The least RTT to each network of servers by protocol and port: of the handshakes of TCP, and of any sample of QUIC.
-- The 8 ports with most networks, on each the 2,000 networks with most flows, and how many flows there are in all.
-- Networks of no system are left out: who is in the local nets has none.
WITH measured AS (
  SELECT protocol, server_port, server_net, server_asn, server_country, rtt_flows, rtt_min_us
  FROM server_use({from:Int64}, {until:Int64})
  WHERE rtt_flows > 0
    AND server_net <> ''
),
networks AS (
  SELECT
    protocol,
    server_port,
    server_net,
    max(server_asn) AS asn,
    max(server_country) AS country,
    sum(rtt_flows) AS flow_total,
    min(rtt_min_us) AS least_us
  FROM measured
  WHERE server_asn IS NOT NULL
  GROUP BY protocol, server_port, server_net
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY protocol, server_port ORDER BY flow_total DESC, server_net) AS place
  FROM networks
),
ports AS (
  SELECT
    protocol AS of_protocol,
    server_port AS of_port,
    countIf(flow_total >= {least_flows:Int64}) AS network_total,
    sum(flow_total) AS port_total
  FROM networks
  GROUP BY protocol, server_port
),
ranked_ports AS (
  SELECT *, row_number() OVER (ORDER BY network_total DESC, port_total DESC, of_port, of_protocol) AS port_place
  FROM ports
),
totals AS (
  SELECT
    coalesce(sum(rtt_flows), 0) AS tcp_total,
    coalesce(sumIf(rtt_flows, server_asn IS NULL), 0) AS local_total
  FROM measured
  WHERE protocol = 'tcp'
)
SELECT protocol, server_port, server_net, asn, country, flow_total, least_us, tcp_total, local_total
FROM ranked
JOIN ranked_ports ON protocol = of_protocol AND server_port = of_port
CROSS JOIN totals
WHERE port_place <= 8 AND place <= 2000
ORDER BY port_place, place
