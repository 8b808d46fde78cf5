/** An HTTP exchange into a row of the http table. */
import type { Batch } from '../tickets/batch.ts';
import type { http } from '../tickets/index.ts';
import type { Probe } from './probe.ts';
import { writeClient, writeFlowId } from './write-flow.ts';

/** Fills the row with the exchange that the observer is being told of, but for source, vantage and `reported_at`. */
export const writeExchange = (probe: Probe, batch: Batch<typeof http.columns>, row: number): void => {
  const { interner } = probe;
  const { flow, request, response, respondedAt } = probe.http.exchange!;
  const { columns } = batch;
  writeFlowId(probe, flow, columns.flow_id, row);
  writeClient(probe, flow, columns, row);
  if (request !== undefined) {
    columns.requested_at[row] = request.requestedAt;
    columns.method[row] = interner.word(request.method);
    columns.host[row] = request.host;
    columns.path[row] = request.path;
    columns.user_agent[row] = request.userAgent;
  }
  if (response === undefined) return;
  columns.status[row] = response.status;
  columns.content_type[row] = response.contentType;
  columns.content_length[row] = response.contentLength;
  const latencyUs = respondedAt - (request?.requestedAt ?? Number.NaN);
  if (latencyUs >= 0) columns.latency_us[row] = latencyUs;
};
