-- The heaviest names of the service, and of those that no rule owns: by class, evidence, protocol and port.
WITH named AS (
  SELECT
    CASE WHEN service = '' THEN 1 ELSE 0 END AS unowned,
    class AS class_name,
    name,
    fqdn_source,
    protocol AS transport,
    server_port AS port,
    sum(flows) AS flow_total,
    sum(up_bytes) + sum(down_bytes) AS byte_total,
    sum(lingering) AS lingering_total
  FROM name_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service IN ({service:String}, ''))
  GROUP BY unowned, class, name, fqdn_source, protocol, server_port
),
ranked AS (
  SELECT
    unowned AS of_unowned,
    name AS of_name,
    row_number() OVER (PARTITION BY unowned ORDER BY sum(byte_total) DESC, sum(flow_total) DESC, name) AS place,
    sum(sum(flow_total)) OVER (PARTITION BY unowned) AS all_flows,
    sum(sum(byte_total)) OVER (PARTITION BY unowned) AS all_bytes
  FROM named
  GROUP BY unowned, name
)
SELECT
  unowned, name, class_name, fqdn_source, transport, port, flow_total, byte_total, lingering_total, all_flows, all_bytes
FROM named
JOIN ranked ON unowned = of_unowned AND name = of_name
WHERE place <= 5000
ORDER BY unowned, name, class_name, fqdn_source, transport, port
