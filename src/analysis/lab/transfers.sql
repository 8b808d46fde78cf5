-- Every transfer of a capture (payload without a silence inside) under the name of its flow, in the order of time.
SELECT
  coalesce(f.fqdn, '') AS name,
  coalesce(f.protocol, '') AS transport,
  f.server_port AS port,
  toUnixTimestamp64Micro(b.started_at) AS began_us,
  coalesce(b.up_payload, 0) AS up,
  coalesce(b.down_payload, 0) AS down
FROM bursts AS b
LEFT JOIN flows AS f ON b.source = f.source AND b.flow_id = f.flow_id
WHERE ({client:String} = '' OR f.client_ip = {client:String})
  AND b.started_at IS NOT NULL
ORDER BY began_us, name, transport, port, up, down
LIMIT 1000001
