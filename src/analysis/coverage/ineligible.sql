-- Flows for which no name is looked for, and why.
SELECT
  coalesce(sum(CASE WHEN left_out = 'protocol' THEN flows ELSE 0 END), 0) AS other_protocols,
  coalesce(sum(CASE WHEN left_out = 'dns' THEN flows ELSE 0 END), 0) AS dns_itself
FROM flow_use({from:Int64}, {until:Int64})
WHERE ({service:String} = '' OR service = {service:String})
