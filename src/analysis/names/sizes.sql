-- How often each size of a flow occurred under the same names, by direction.
WITH named AS (
  SELECT
    CASE WHEN service = '' THEN 1 ELSE 0 END AS unowned,
    name,
    direction AS way,
    size AS value,
    sum(flows) AS n,
    sum(bytes) AS byte_total
  FROM name_sizes({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service IN ({service:String}, ''))
  GROUP BY unowned, name, direction, size
),
ranked AS (
  SELECT
    unowned AS of_unowned,
    name AS of_name,
    row_number() OVER (PARTITION BY unowned ORDER BY sum(byte_total) DESC, sum(n) DESC, name) AS place
  FROM named
  GROUP BY unowned, name
)
SELECT unowned, name, way, value, n
FROM named
JOIN ranked ON unowned = of_unowned AND name = of_name
WHERE place <= 5000
ORDER BY unowned, name, way, value
