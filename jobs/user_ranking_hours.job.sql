-- Users by volume, hour by hour, from the minutes.
input user_ranking window 3600
output user_ranking_hours
  vantage text
  rank count        -- 1 moved the most bytes of the vantage in this hour.
  client text       -- Pseudonym of the client.
  flows count       -- Flows that were reported.
  up_bytes count    -- IP-layer bytes from the client.
  down_bytes count  -- IP-layer bytes to the client.
  bytes count       -- Both ways.

WITH users AS (
  SELECT
    vantage,
    client,
    sum(flows) AS flow_total,
    sum(up_bytes) AS up_total,
    sum(down_bytes) AS down_total
  FROM user_ranking
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
