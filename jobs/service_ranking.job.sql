-- Servers by connections of known clients: the third job of DBStream's published workload. Its table of subnets is here
-- the clients that the hour before showed: pseudonyms tell no subnet by its name.
input flows window 60 primary
input flows as before window 3600 delay 60
output service_ranking window 3600
  vantage text
  server_ip text     -- Address of the server.
  service text       -- Service that owns the flows.
  connections count  -- Flows of clients that had another one reported in the hour before this minute.
  clients count      -- How many clients they are of.

SELECT
  vantage,
  server_ip,
  service,
  count(*) AS connections,
  uniqExact(client) AS clients
FROM flows
WHERE EXISTS (SELECT 1 FROM before WHERE before.vantage = flows.vantage AND before.client = flows.client)
GROUP BY vantage, server_ip, service
