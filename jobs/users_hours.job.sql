-- Users by the hour that is counted, as HyperLogLog registers: of several rows of the same hour, and of several
-- hours, take
-- the highest rank of each register.
input counters window 3600
output users_hours
  vantage text
  hour time         -- Start of the hour.
  service text      -- Service, '' for what no rule owns.
  class text        -- Class within the service.
  users_hll counts  -- Registers of the clients, register * 64 + rank, as in `counters`.

WITH entries AS (
  SELECT vantage, toStartOfHour(minute_at) AS hour, service, class, arrayJoin(users_hll) AS entry FROM counters
),
registers AS (
  SELECT vantage, hour, service, class, max(entry) AS top
  FROM entries
  GROUP BY vantage, hour, service, class, intDiv(entry, 64)
)
SELECT vantage, hour, service, class, arraySort(groupArray(top)) AS users_hll
FROM registers
GROUP BY vantage, hour, service, class
