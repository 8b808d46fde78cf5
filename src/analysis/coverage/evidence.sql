-- Eligible flows by the source of their name and by how their DNS name stands:
-- '' none, 'network' another client's answer, 'valid' within its TTL, 'grace' at most grace_s older, 'beyond' older still;
-- and, where there is no name, by what else told the service.
SELECT
  fqdn_source,
  CASE
    WHEN dns_standing <> 'expired' THEN dns_standing
    WHEN overdue_s <= {grace_s:Int64} THEN 'grace'
    ELSE 'beyond'
  END AS standing,
  CASE WHEN fqdn_source = '' THEN service_source ELSE '' END AS told_by,
  sum(flows) AS flow_total,
  sum(up_bytes) + sum(down_bytes) AS byte_total
FROM flow_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
  AND left_out = ''
GROUP BY fqdn_source, standing, told_by
ORDER BY fqdn_source, standing, told_by
