-- Eligible flows by the time since the first flow of their import, and how many of them have a name.
WITH beginnings AS (
  SELECT source AS import_id, min(started_at) AS began_at FROM flows GROUP BY source
),
placed AS (
  SELECT
    intDiv(toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(began_at), 60000000) AS age_min,
    CASE WHEN dns_name <> '' AND dns_evidence <> 'network' THEN 1 ELSE 0 END AS has_dns,
    CASE WHEN fqdn <> '' THEN 1 ELSE 0 END AS has_name
  FROM flows
  JOIN beginnings ON source = import_id
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
)
SELECT
  CASE WHEN age_min < 1 THEN 0 WHEN age_min < 5 THEN 1 WHEN age_min < 15 THEN 5 WHEN age_min < 60 THEN 15 ELSE 60 END AS from_minute,
  count(*) AS flow_total,
  sum(has_dns) AS dns_flows,
  sum(has_name) AS named_flows
FROM placed
GROUP BY from_minute
ORDER BY from_minute
