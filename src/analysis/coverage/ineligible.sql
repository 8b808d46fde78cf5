-- Flows for which no name is looked for, and why.
SELECT
  coalesce(sum(CASE WHEN protocol NOT IN ('tcp', 'udp') THEN 1 ELSE 0 END), 0) AS other_protocols,
  coalesce(sum(CASE WHEN protocol IN ('tcp', 'udp') AND coalesce(server_port, 0) IN (53, 5353) THEN 1 ELSE 0 END), 0) AS dns_itself
FROM flows
WHERE ({service:String} = '' OR service = {service:String})
  AND started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
