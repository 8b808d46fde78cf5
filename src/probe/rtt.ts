/** Round-trip times of a flow: the least, the sum and the number of samples, for each side of the vantage. */
import { Double, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/**
 * Adds a sample, microseconds: of the path between vantage and server, or between vantage and client. Packets out of
 * time order give a negative one, which counts for nothing.
 */
export const addRtt = (flows: FlowTable, flow: number, ofServer: boolean, us: number): void => {
  if (us < 0) return;
  const { words, doubles } = flows;
  const side = ofServer ? 0 : 1;
  const w = flow * RECORD_WORDS + side;
  if (words[w + Word.SERVER_RTT_SAMPLES]!++ === 0 || us < words[w + Word.SERVER_RTT_MIN]!) {
    words[w + Word.SERVER_RTT_MIN] = us;
  }
  doubles[flow * RECORD_DOUBLES + Double.SERVER_RTT_SUM + side]! += us;
};
