-- Eligible flows by the source of their name and by how their DNS name stands:
-- '' none, 'network' another client's answer, 'valid' within its TTL, 'grace' at most grace_s older, 'beyond' older still;
-- and, where there is no name, by what else told the service.
WITH eligible AS (
  SELECT
    fqdn_source,
    CASE
      WHEN dns_name = '' THEN ''
      WHEN dns_evidence IN ('network', 'valid') THEN dns_evidence
      WHEN toUnixTimestamp64Micro(started_at) - toUnixTimestamp64Micro(dns_answered_at) <= (dns_ttl_s + {grace_s:Int64}) * 1000000 THEN 'grace'
      ELSE 'beyond'
    END AS dns_standing,
    CASE WHEN fqdn_source = '' THEN service_source ELSE '' END AS told_by,
    coalesce(up_bytes, 0) + coalesce(down_bytes, 0) AS volume
  FROM flows
  WHERE ({service:String} = '' OR service = {service:String})
    AND started_at >= fromUnixTimestamp64Micro({from:Int64})
    AND started_at < fromUnixTimestamp64Micro({until:Int64})
    AND protocol IN ('tcp', 'udp')
    AND coalesce(server_port, 0) NOT IN (53, 5353)
)
SELECT fqdn_source, dns_standing, told_by, count(*) AS flow_total, sum(volume) AS byte_total
FROM eligible
GROUP BY fqdn_source, dns_standing, told_by
ORDER BY fqdn_source, dns_standing, told_by
