-- The servers behind the same names, and the flows to each; the 200,000 pairs with most flows.
WITH named AS (
  SELECT
    CASE WHEN service = '' THEN 1 ELSE 0 END AS unowned,
    name,
    server_ip AS address,
    server_net AS net,
    sum(flows) AS flow_total,
    sum(bytes) AS byte_total
  FROM name_servers({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service IN ({service:String}, ''))
  GROUP BY unowned, name, server_ip, server_net
),
ranked AS (
  SELECT
    unowned AS of_unowned,
    name AS of_name,
    row_number() OVER (PARTITION BY unowned ORDER BY sum(byte_total) DESC, sum(flow_total) DESC, name) AS place
  FROM named
  GROUP BY unowned, name
),
paired AS (
  SELECT *, row_number() OVER (ORDER BY flow_total DESC, name, address, net, unowned) AS pair
  FROM named
  JOIN ranked ON unowned = of_unowned AND name = of_name
  WHERE place <= 5000
)
SELECT unowned, name, address, net
FROM paired
WHERE pair <= 200000
ORDER BY unowned, name, address, net
