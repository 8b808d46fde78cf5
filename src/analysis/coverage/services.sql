-- Eligible flows by service and by how the service is known, with its mean confidence; all traffic.
SELECT
  service AS service_name,
  service_source AS known_by,
  count(*) AS flow_total,
  sum(coalesce(up_bytes, 0) + coalesce(down_bytes, 0)) AS byte_total,
  avg(service_confidence) AS mean_confidence
FROM flows
WHERE started_at >= fromUnixTimestamp64Micro({from:Int64})
  AND started_at < fromUnixTimestamp64Micro({until:Int64})
  AND protocol IN ('tcp', 'udp')
  AND coalesce(server_port, 0) NOT IN (53, 5353)
GROUP BY service, service_source
ORDER BY byte_total DESC, flow_total DESC, service_name, known_by
