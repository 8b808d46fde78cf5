-- What is stored, and what of it is of the service and inside the range.
WITH marked AS (
  SELECT
    toUnixTimestamp64Micro(started_at) AS first_us,
    toUnixTimestamp64Micro(coalesce(ended_at, started_at)) AS last_us,
    CASE WHEN {service:String} = '' OR service = {service:String} THEN 1 ELSE 0 END AS of_service,
    rules_version
  FROM flows
)
SELECT
  count(*) AS stored_flows,
  coalesce(sum(of_service), 0) AS service_flows,
  coalesce(sum(CASE WHEN first_us >= {from:Int64} AND first_us < {until:Int64} THEN of_service ELSE 0 END), 0) AS selected_flows,
  min(first_us) AS stored_first_us,
  max(last_us) AS stored_last_us,
  min(CASE WHEN of_service = 1 THEN first_us END) AS service_first_us,
  max(CASE WHEN of_service = 1 THEN last_us END) AS service_last_us,
  uniqExact(CASE WHEN of_service = 1 AND rules_version <> '' THEN rules_version END) AS rules_versions
FROM marked
