/** Which records of other people do the first bytes of an input begin? */
import { beginsLikeKpi } from './kpi-file.ts';

/** Bytes that `detectRecords` wants to see; fewer are enough where the input itself is shorter. */
export const RECORD_DETECTION_BYTES = 1 << 12;

/** By what the bytes say, never by the name of a file; undefined if it is none of these. */
export const detectRecords = (first: Uint8Array): 'kpi' | undefined => {
  const [line = ''] = new TextDecoder().decode(first).split(/\r?\n/, 1);
  return beginsLikeKpi(line) ? 'kpi' : undefined;
};
