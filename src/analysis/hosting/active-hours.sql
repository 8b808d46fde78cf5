-- How many server addresses are active in each bin of whole hours, by class, and over all classes as level 'all'. A flow
-- keeps its server active in every bin that it overlaps; an address counts once in a bin. What an address was active in
-- is a set of hours a block: a block is a day, or a bin if that is longer. The kinds of rows are those of the query for
-- shorter bins; of kind 'inner' are only addresses that are active in as many blocks as have such bins.
WITH used AS (
  SELECT
    class AS class_name,
    server_ip,
    service,
    toInt64(intDiv({from:Int64}, {day:Int64})) AS of_day,
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
levels AS (
  SELECT 'class' AS level, class_name, server_ip, of_block, hours FROM blocks WHERE blocks.hours > 0
  UNION ALL
  SELECT 'all' AS level, '' AS class_name, server_ip, of_block, groupBitOr(hours) AS hours
  FROM blocks
  WHERE blocks.hours > 0
  GROUP BY server_ip, of_block
),
slots AS (
  SELECT level, class_name, of_block, hours, n, arrayJoin(range(0, 24, {slot_hours:Int64})) AS first_hour
  FROM (SELECT level, class_name, of_block, hours, count(*) AS n FROM levels GROUP BY level, class_name, of_block, hours) AS alike
),
covered AS (
  SELECT DISTINCT toInt64(arrayJoin(range(
    intDiv(greatest(toUnixTimestamp64Micro(first_at), {bin_origin:Int64}) - {bin_origin:Int64}, {bin_width:Int64}),
    intDiv(least(toUnixTimestamp64Micro(last_at), {until:Int64} - 1) - {bin_origin:Int64}, {bin_width:Int64}) + 1
  ))) AS covered_bin
  FROM imports({beginning:Int64}, {until:Int64})
  WHERE last_at >= fromUnixTimestamp64Micro({bin_origin:Int64})
),
inner_bins AS (
  SELECT covered_bin AS inner_bin, intDiv(covered_bin * {bin_width:Int64} + {bin_origin:Int64}, {block:Int64}) AS inner_block
  FROM covered
  WHERE covered_bin - 1 IN (SELECT covered_bin FROM covered) AND covered_bin + 1 IN (SELECT covered_bin FROM covered)
),
presence AS (
  -- A block and its hours as one number; of an address there is one a block.
  SELECT
    level,
    class_name,
    server_ip,
    min(of_block * 16777216 + hours) AS first_block,
    max(of_block * 16777216 + hours) AS last_block,
    count(*) AS active_blocks
  FROM levels
  GROUP BY level, class_name, server_ip
),
ends AS (
  SELECT
    level,
    class_name,
    intDiv(first_block, 16777216) * {block:Int64}
      + toInt64(log2(bitAnd(first_block % 16777216, -(first_block % 16777216)))) * {hour:Int64} AS first_active,
    intDiv(last_block, 16777216) * {block:Int64} + toInt64(floor(log2(last_block % 16777216))) * {hour:Int64} AS last_active
  FROM presence
),
steady AS (
  SELECT levels.level AS level, levels.class_name AS class_name, levels.server_ip AS server_ip, of_block, hours
  FROM levels
  INNER JOIN presence
    ON presence.level = levels.level AND presence.class_name = levels.class_name AND presence.server_ip = levels.server_ip
  WHERE active_blocks >= (SELECT count(DISTINCT inner_block) FROM inner_bins)
),
inner_active AS (
  SELECT level, class_name, server_ip, count(*) AS inner_bins
  FROM (
    SELECT level, class_name, server_ip, of_block, hours, arrayJoin(range(0, 24, {slot_hours:Int64})) AS first_hour FROM steady
  ) AS steady_slots
  WHERE bitAnd(bitShiftRight(hours, first_hour), bitShiftLeft(toInt64(1), {slot_hours:Int64}) - 1) > 0
    AND intDiv(of_block * {block:Int64} + first_hour * {hour:Int64} - {bin_origin:Int64}, {bin_width:Int64}) IN (
      SELECT inner_bin FROM inner_bins
    )
  GROUP BY level, class_name, server_ip
),
counts AS (
  SELECT
    'active' AS kind,
    level,
    class_name,
    toInt64(intDiv(of_block * {block:Int64} + first_hour * {hour:Int64} - {bin_origin:Int64}, {bin_width:Int64})) AS bin,
    toInt64(sum(n)) AS addresses
  FROM slots
  WHERE bitAnd(bitShiftRight(hours, first_hour), bitShiftLeft(toInt64(1), {slot_hours:Int64}) - 1) > 0
  GROUP BY level, class_name, bin
  UNION ALL
  SELECT
    'first' AS kind,
    level,
    class_name,
    toInt64(intDiv(first_active - {bin_origin:Int64}, {bin_width:Int64})) AS bin,
    toInt64(count(*)) AS addresses
  FROM ends
  GROUP BY level, class_name, bin
  UNION ALL
  SELECT
    'last' AS kind,
    level,
    class_name,
    toInt64(intDiv(last_active - {bin_origin:Int64}, {bin_width:Int64})) AS bin,
    toInt64(count(*)) AS addresses
  FROM ends
  GROUP BY level, class_name, bin
  UNION ALL
  SELECT 'inner' AS kind, level, class_name, toInt64(inner_bins) AS bin, toInt64(count(*)) AS addresses
  FROM inner_active
  GROUP BY level, class_name, bin
)
SELECT * FROM counts
ORDER BY kind, level, class_name, bin
