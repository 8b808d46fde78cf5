-- Eligible flows by service and by how the service is known, with its mean confidence; all traffic.
SELECT
  service AS service_name,
  service_source AS known_by,
  sum(flows) AS flow_total,
  sum(up_bytes) + sum(down_bytes) AS byte_total,
  sum(confidence_sum) / nullIf(sum(confidence_n), 0) AS mean_confidence
FROM flow_use({from:Int64}, {until:Int64})
WHERE left_out = ''
GROUP BY service, service_source
ORDER BY byte_total DESC, flow_total DESC, service_name, known_by
