-- Where the ten heaviest users of each minute had their bytes from: the second job of DBStream's published workload.
input flows window 60 primary
input user_ranking window 60
output heavy_users window 3600
  vantage text
  client text        -- Pseudonym of a client among the ten of this minute.
  server_ip text     -- Address of the server.
  server_port count  -- Port of the server.
  flows count        -- Flows that were reported.
  bytes count        -- IP-layer bytes, both ways.

SELECT
  f.vantage AS vantage,
  f.client AS client,
  f.server_ip AS server_ip,
  f.server_port AS server_port,
  count(*) AS flows,
  coalesce(sum(f.up_bytes), 0) + coalesce(sum(f.down_bytes), 0) AS bytes
FROM flows AS f
JOIN user_ranking AS r ON f.vantage = r.vantage AND f.client = r.client
WHERE r.rank <= 10
GROUP BY f.vantage, f.client, f.server_ip, f.server_port
