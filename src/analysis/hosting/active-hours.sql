-- How many server addresses are active in each bin of whole hours, by class, and over all classes as level 'all'. A flow
-- keeps its server active in every bin that it overlaps; an address counts once in a bin. What an address was active in
-- is a set of hours a block: a block is a day, or a bin if that is longer.
WITH used AS (
  SELECT
    class AS class_name,
    server_ip,
    service,
    intDiv({from:Int64}, {day:Int64}) AS of_day,
    bitShiftLeft(toInt64(1), 24) - bitShiftLeft(toInt64(1), intDiv({from:Int64}, {hour:Int64}) % 24) AS hours,
    last_at
  FROM server_use({beginning:Int64}, {from:Int64})
  UNION ALL
  SELECT
    class AS class_name,
    server_ip,
    service,
    intDiv(toUnixTimestamp64Micro(bin_at), {day:Int64}) AS of_day,
    active_hours AS hours,
    last_at
  FROM server_use({from:Int64}, {until:Int64}, {day:Int64})
),
chosen AS (
  SELECT
    class_name,
    server_ip,
    of_day,
    hours,
    intDiv(least(toUnixTimestamp64Micro(last_at), {until:Int64} - 1), {hour:Int64}) - of_day * 24 AS last_hour
  FROM used
  WHERE ({service:String} = '' OR service = {service:String})
    AND last_at >= fromUnixTimestamp64Micro({from:Int64})
    AND server_ip <> ''
),
parts AS (
  SELECT
    class_name,
    server_ip,
    of_day,
    bitAnd(hours, bitShiftLeft(toInt64(1), greatest(least(last_hour, 23), 0) + 1) - 1) AS hours
  FROM chosen
  UNION ALL
  SELECT
    class_name,
    server_ip,
    of_day + later AS of_day,
    bitShiftLeft(toInt64(1), least(last_hour - later * 24, 23) + 1) - 1 AS hours
  FROM (
    SELECT class_name, server_ip, of_day, last_hour, arrayJoin(range(1, intDiv(last_hour, 24) + 1)) AS later
    FROM chosen
    WHERE last_hour >= 24
  ) AS overnight
),
blocks AS (
  SELECT class_name, server_ip, intDiv(of_day * {day:Int64}, {block:Int64}) AS of_block, groupBitOr(hours) AS hours
  FROM parts
  GROUP BY class_name, server_ip, of_block
),
alike AS (
  SELECT 'class' AS level, class_name, of_block, hours, count(*) AS n
  FROM blocks
  GROUP BY class_name, of_block, hours
  UNION ALL
  SELECT 'all' AS level, '' AS class_name, of_block, hours, count(*) AS n
  FROM (SELECT server_ip, of_block, groupBitOr(hours) AS hours FROM blocks GROUP BY server_ip, of_block) AS whole
  GROUP BY of_block, hours
),
slots AS (
  SELECT level, class_name, of_block, hours, n, arrayJoin(range(0, 24, {slot_hours:Int64})) AS first_hour FROM alike
)
SELECT
  level,
  class_name,
  intDiv(of_block * {block:Int64} + first_hour * {hour:Int64} - {bin_origin:Int64}, {bin_width:Int64}) AS bin,
  sum(n) AS addresses
FROM slots
WHERE bitAnd(bitShiftRight(hours, first_hour), bitShiftLeft(toInt64(1), {slot_hours:Int64}) - 1) > 0
GROUP BY level, class_name, bin
ORDER BY level, class_name, bin
