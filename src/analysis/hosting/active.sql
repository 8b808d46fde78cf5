-- How many server addresses are active in each bin, by class, and over all classes as level 'all'. A flow keeps its server
-- active in every bin that it overlaps; an address counts once in a bin.
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
active AS (
  SELECT DISTINCT class_name, server_ip, arrayJoin(range(first_bin, greatest(first_bin, last_bin) + 1)) AS bin FROM busy
),
counts AS (
  SELECT 'class' AS level, class_name, bin, count(*) AS addresses FROM active GROUP BY class_name, bin
  UNION ALL
  SELECT 'all' AS level, '' AS class_name, bin, uniqExact(server_ip) AS addresses FROM active GROUP BY bin
)
SELECT * FROM counts
ORDER BY level, class_name, bin
