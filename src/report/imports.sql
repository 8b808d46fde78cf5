-- What was imported, in the order of its time.
SELECT
  name,
  kind,
  vantage,
  toUnixTimestamp64Micro(first_at) AS first_us,
  toUnixTimestamp64Micro(last_at) AS last_us,
  packet_count,
  row_count,
  dropped,
  malformed,
  state
FROM imports
ORDER BY first_us, name, id
