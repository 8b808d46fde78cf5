-- Where the heaviest users had their bytes from, hour by hour: the minutes in which they were among the ten.
input heavy_users window 3600
output heavy_users_hours
  vantage text
  client text        -- Pseudonym of the client.
  server_ip text     -- Address of the server.
  server_port count  -- Port of the server.
  minutes count      -- Minutes in which the client was among the ten and used this server.
  flows count        -- Flows that were reported in them.
  bytes count        -- IP-layer bytes, both ways.

SELECT
  vantage,
  client,
  server_ip,
  server_port,
  count(*) AS minutes,
  sum(flows) AS flows,
  sum(bytes) AS bytes
FROM heavy_users
GROUP BY vantage, client, server_ip, server_port
