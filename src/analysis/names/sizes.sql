-- How many flows under the same names reach each of fifteen sizes, by direction.
WITH named AS (
  SELECT
    CASE WHEN service = '' THEN 1 ELSE 0 END AS unowned,
    name,
    sum(up_bytes) + sum(down_bytes) AS byte_total,
    sum(flows) AS flow_total,
    sum(up_flows) AS up_n,
    sum(up_from_500) AS up_n_500,
    sum(up_from_1000) AS up_n_1000,
    sum(up_from_2000) AS up_n_2000,
    sum(up_from_5000) AS up_n_5000,
    sum(up_from_10000) AS up_n_10000,
    sum(up_from_20000) AS up_n_20000,
    sum(up_from_50000) AS up_n_50000,
    sum(up_from_100000) AS up_n_100000,
    sum(up_from_200000) AS up_n_200000,
    sum(up_from_500000) AS up_n_500000,
    sum(up_from_1000000) AS up_n_1000000,
    sum(up_from_2000000) AS up_n_2000000,
    sum(up_from_5000000) AS up_n_5000000,
    sum(up_from_10000000) AS up_n_10000000,
    sum(up_from_20000000) AS up_n_20000000,
    sum(down_flows) AS down_n,
    sum(down_from_500) AS down_n_500,
    sum(down_from_1000) AS down_n_1000,
    sum(down_from_2000) AS down_n_2000,
    sum(down_from_5000) AS down_n_5000,
    sum(down_from_10000) AS down_n_10000,
    sum(down_from_20000) AS down_n_20000,
    sum(down_from_50000) AS down_n_50000,
    sum(down_from_100000) AS down_n_100000,
    sum(down_from_200000) AS down_n_200000,
    sum(down_from_500000) AS down_n_500000,
    sum(down_from_1000000) AS down_n_1000000,
    sum(down_from_2000000) AS down_n_2000000,
    sum(down_from_5000000) AS down_n_5000000,
    sum(down_from_10000000) AS down_n_10000000,
    sum(down_from_20000000) AS down_n_20000000
  FROM name_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service IN ({service:String}, ''))
  GROUP BY unowned, name
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY unowned ORDER BY byte_total DESC, flow_total DESC, name) AS place FROM named
)
SELECT * FROM ranked
WHERE place <= 5000
ORDER BY unowned, name
