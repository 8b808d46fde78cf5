/** The thread that writes segments: takes requests, writes, answers. Started by segment-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WrittenSegment } from './segment.ts';
import { type SegmentAnswer, type SegmentRequest, toFailure } from './segment-messages.ts';
import { type SegmentSink, SegmentWriter } from './segment-writer.ts';

const writer = new SegmentWriter(workerData as string);
const sinks = new Map<number, SegmentSink>();

const carryOut = async (message: SegmentRequest): Promise<readonly WrittenSegment[]> => {
  if (message.kind === 'close') {
    await writer.close();
    return [];
  }
  const sink = sinks.get(message.sink) ?? writer.open();
  sinks.set(message.sink, sink);
  if (message.kind === 'write') {
    await sink.write(message.batch);
    return [];
  }
  const segments = await (message.kind === 'finish' ? sink.finish() : sink.abandon());
  sinks.delete(message.sink);
  return segments;
};

const answer = (reply: SegmentAnswer): void => parentPort?.postMessage(reply);

parentPort?.on('message', (message: SegmentRequest) => {
  const { request } = message;
  carryOut(message).then(
    (segments) => answer({ request, segments }),
    (error: unknown) => answer({ request, failed: toFailure(error) }),
  );
});
