-- How many server addresses are active in each bin, by class, and over all classes as level 'all'. A flow keeps its server
-- active in every bin that it overlaps; an address counts once in a bin. Rows of kind 'active' count by bin, those of
-- kind 'first' and 'last' by the first and the last bin in which an address is active, those of kind 'inner' by how many
-- bins it is active in of those that imports touch together with both of their neighbours.
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
levels AS (
  SELECT 'class' AS level, class_name, server_ip, bin FROM active
  UNION ALL
  SELECT DISTINCT 'all' AS level, '' AS class_name, server_ip, bin FROM active
),
covered AS (
  SELECT DISTINCT arrayJoin(range(
    intDiv(greatest(toUnixTimestamp64Micro(first_at), {bin_origin:Int64}) - {bin_origin:Int64}, {bin_width:Int64}),
    intDiv(least(toUnixTimestamp64Micro(last_at), {until:Int64} - 1) - {bin_origin:Int64}, {bin_width:Int64}) + 1
  )) AS covered_bin
  FROM imports({beginning:Int64}, {until:Int64})
  WHERE last_at >= fromUnixTimestamp64Micro({bin_origin:Int64})
),
inner_bins AS (
  SELECT covered_bin AS inner_bin
  FROM covered
  WHERE covered_bin - 1 IN (SELECT covered_bin FROM covered) AND covered_bin + 1 IN (SELECT covered_bin FROM covered)
),
presence AS (
  SELECT
    level,
    class_name,
    server_ip,
    min(bin) AS first_active,
    max(bin) AS last_active,
    toInt64(countIf(bin IN (SELECT inner_bin FROM inner_bins))) AS inner_active
  FROM levels
  GROUP BY level, class_name, server_ip
),
counts AS (
  SELECT 'active' AS kind, level, class_name, bin, count(*) AS addresses FROM levels GROUP BY level, class_name, bin
  UNION ALL
  SELECT 'first' AS kind, level, class_name, first_active AS bin, count(*) AS addresses
  FROM presence
  GROUP BY level, class_name, first_active
  UNION ALL
  SELECT 'last' AS kind, level, class_name, last_active AS bin, count(*) AS addresses
  FROM presence
  GROUP BY level, class_name, last_active
  UNION ALL
  SELECT 'inner' AS kind, level, class_name, inner_active AS bin, count(*) AS addresses
  FROM presence
  GROUP BY level, class_name, inner_active
)
SELECT * FROM counts
ORDER BY kind, level, class_name, bin
