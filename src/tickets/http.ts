/** The table of HTTP/1 requests. */
import { count, origin, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  requested_at: time('When the request line passed.'),
  flow_id: text('Flow that carried the request; a key of `flows.flow_id`.'),
  client: text('Pseudonym of the subscriber.'),
  method: text('Request method.'),
  host: text('Host header, lower case, without port.'),
  path: text('Request path, without the query string unless queries are kept.'),
  user_agent: text('User-Agent header.'),
  status: count('Status code of the response; NULL if none was seen.'),
  content_type: text('Content-Type of the response.'),
  content_length: count('Content-Length of the response, bytes.'),
  latency_us: count('Microseconds from the request to its response.'),
};

export const http: Table<typeof columns> = {
  name: 'http',
  doc: 'One row an HTTP/1 request with its response.',
  columns,
};
