-- Users by volume, minute by minute: the user ranking of DBStream's published workload.
-- A flow counts in the minute in which it was reported, with all of its bytes; volume over time is in `volume_hours`.
input flows window 60
output user_ranking window 3600
  vantage text
  rank count        -- 1 moved the most bytes of the vantage in this minute.
  client text       -- Pseudonym of the client.
  flows count       -- Flows that were reported.
  up_bytes count    -- IP-layer bytes from the client.
  down_bytes count  -- IP-layer bytes to the client.
  bytes count       -- Both ways.

WITH users AS (
  SELECT
    vantage,
    client,
    count(*) AS flow_total,
    coalesce(sum(up_bytes), 0) AS up_total,
    coalesce(sum(down_bytes), 0) AS down_total
  FROM flows
  WHERE client <> ''
  GROUP BY vantage, client
)
SELECT
  vantage,
  row_number() OVER (PARTITION BY vantage ORDER BY up_total + down_total DESC, client) AS rank,
  client,
  flow_total AS flows,
  up_total AS up_bytes,
  down_total AS down_bytes,
  up_total + down_total AS bytes
FROM users
