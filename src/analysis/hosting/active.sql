-- How many server addresses become active (+) and cease (-) at each bin, by class, and over all classes as level 'all'.
-- A flow keeps its server active in every bin that it overlaps; the overlapping stretches of an address are joined first,
-- so that an address counts once in a bin. Running sums of `delta` are the active addresses.
WITH used AS (
  SELECT class AS class_name, server_ip, service, 0 AS first_bin, last_at
  FROM server_use({beginning:Int64}, {bin_origin:Int64})
  UNION ALL
  SELECT
    class AS class_name,
    server_ip,
    service,
    intDiv(toUnixTimestamp64Micro(bin_at) - {bin_origin:Int64}, {bin_width:Int64}) AS first_bin,
    last_at
  FROM server_use({bin_origin:Int64}, {until:Int64}, {bin_width:Int64})
),
busy AS (
  SELECT
    class_name,
    server_ip,
    first_bin,
    max(intDiv(least(toUnixTimestamp64Micro(last_at), {until:Int64} - 1) - {bin_origin:Int64}, {bin_width:Int64})) AS last_bin
  FROM used
  WHERE ({service:String} = '' OR service = {service:String})
    AND last_at >= fromUnixTimestamp64Micro({from:Int64})
    AND server_ip <> ''
  GROUP BY class_name, server_ip, first_bin
),
levels AS (
  SELECT 'class' AS level, class_name, server_ip, first_bin, last_bin FROM busy
  UNION ALL
  SELECT 'all' AS level, '' AS class_name, server_ip, first_bin, max(last_bin) AS last_bin FROM busy GROUP BY server_ip, first_bin
),
reached AS (
  SELECT
    *,
    coalesce(max(last_bin + 1) OVER (
      PARTITION BY level, class_name, server_ip ORDER BY first_bin
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS earlier_end
  FROM levels
),
joined AS (
  SELECT
    *,
    sum(CASE WHEN first_bin >= earlier_end THEN 1 ELSE 0 END) OVER (
      PARTITION BY level, class_name, server_ip ORDER BY first_bin
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
  FROM reached
),
stretches AS (
  SELECT level, class_name, server_ip, stretch, min(first_bin) AS begin_bin, max(last_bin) + 1 AS end_bin
  FROM joined
  GROUP BY level, class_name, server_ip, stretch
),
changes AS (
  SELECT level, class_name, begin_bin AS bin, 1 AS change FROM stretches
  UNION ALL
  SELECT level, class_name, end_bin AS bin, -1 AS change FROM stretches
)
SELECT level, class_name, bin, sum(change) AS delta
FROM changes
GROUP BY level, class_name, bin
ORDER BY level, class_name, bin
