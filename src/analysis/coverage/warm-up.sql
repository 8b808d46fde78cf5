-- Eligible flows by the time since the first packet of their import, and how many of them have a name. Flows are looked at
-- one by one in the first hour of an import only; what is left of all of them began later.
WITH beginnings AS (
  SELECT id AS import_id, first_at AS began_at FROM imports({beginning:Int64}, {until:Int64})
),
young AS (
  SELECT
    intDiv(toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(began_at), 60000000) AS age_min,
    CASE WHEN dns_name <> '' AND dns_evidence <> 'network' THEN 1 ELSE 0 END AS has_dns,
    CASE WHEN fqdn_source <> '' THEN 1 ELSE 0 END AS has_name
  FROM flows({young_from:Int64}, {young_until:Int64}) AS flows
  JOIN beginnings ON source = import_id
  WHERE ({service:String} = '' OR service = {service:String})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
    AND toUnixTimestamp64Micro(started_at) < toUnixTimestamp64Micro(began_at) + 3600000000
),
phases AS (
  SELECT
    CASE WHEN age_min < 1 THEN 0 WHEN age_min < 5 THEN 1 WHEN age_min < 15 THEN 5 ELSE 15 END AS phase,
    toInt64(1) AS n,
    toInt64(has_dns) AS with_dns,
    toInt64(has_name) AS with_name
  FROM young
  UNION ALL
  SELECT 60 AS phase, toInt64(-1) AS n, toInt64(-has_dns) AS with_dns, toInt64(-has_name) AS with_name FROM young
  UNION ALL
  SELECT
    60 AS phase,
    toInt64(flows) AS n,
    toInt64(CASE WHEN dns_standing IN ('valid', 'expired') THEN flows ELSE 0 END) AS with_dns,
    toInt64(CASE WHEN fqdn_source <> '' THEN flows ELSE 0 END) AS with_name
  FROM flow_use({from:Int64}, {until:Int64})
  WHERE ({service:String} = '' OR service = {service:String})
    AND left_out = ''
)
SELECT
  phase AS from_minute,
  sum(n) AS flow_total,
  sum(with_dns) AS dns_flows,
  sum(with_name) AS named_flows
FROM phases
GROUP BY phase
HAVING sum(n) > 0
ORDER BY from_minute
