-- What there is in a range, and what of it is of the service.
SELECT
  coalesce(sum(flows), 0) AS all_flows,
  coalesce(sum(CASE WHEN {service:String} = '' OR service = {service:String} THEN flows ELSE 0 END), 0) AS service_flows,
  toUnixTimestamp64Micro(min(first_at)) AS first_us,
  toUnixTimestamp64Micro(max(last_at)) AS last_us,
  toUnixTimestamp64Micro(min(CASE WHEN {service:String} = '' OR service = {service:String} THEN first_at END)) AS service_first_us,
  toUnixTimestamp64Micro(max(CASE WHEN {service:String} = '' OR service = {service:String} THEN last_at END)) AS service_last_us,
  uniqExact(CASE WHEN ({service:String} = '' OR service = {service:String}) AND rules_version <> '' THEN rules_version END) AS rules_versions
FROM flow_use({from:Int64}, {until:Int64})
