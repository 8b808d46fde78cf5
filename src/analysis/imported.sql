-- The stretches of time that were measured, one an import of traffic.
SELECT
  toUnixTimestamp64Micro(first_at) AS first_us,
  toUnixTimestamp64Micro(last_at) AS last_us
FROM imports
WHERE kind NOT IN ('sessions', 'kpi') AND first_at IS NOT NULL AND last_at IS NOT NULL
ORDER BY first_us, last_us
