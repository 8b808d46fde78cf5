/** The table of HTTP/1 requests. */
import { count, id, origin, type Table, text, time } from './column.ts';

const columns = {
  ...origin,
  requested_at: time('When the first byte of the request passed; NULL if only the response was seen.'),
  flow_id: id('Flow that carried the request; a key of `flows.flow_id`.'),
  client: text('Pseudonym of the subscriber.'),
  method: text('Request method; empty if only the response was seen, as are the columns of the request that follow.'),
  host: text('Host header, lower case, without port; else the authority of an absolute target, as proxies get it.'),
  path: text('Path of the target, without the query string unless queries are kept; empty for CONNECT.'),
  user_agent: text('User-Agent header.'),
  status: count('Status code of the response, of an interim one (1xx) only if it is 101; NULL if none was seen.'),
  content_type: text('Media type of the response, lower case, without parameters.'),
  content_length: count('Content-Length of the response, bytes; NULL if it does not tell.'),
  latency_us: count(
    'Microseconds from the first byte of the request to the first of its response; content sent up between them is in it.',
  ),
  client_ip: text('Address of the client; a pseudonym unless addresses are kept.'),
};

export const http: Table<typeof columns> = {
  name: 'http',
  doc: 'One row an HTTP/1 request with its response, or one of them whose other half was not seen.',
  columns,
};
