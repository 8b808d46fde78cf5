/** Flows and bytes with their shares: what the cards that divide the eligible flows say of each part. */
import { bytesColumn, countColumn, shareColumn } from '../card.ts';
import { shareOf, sumOf } from '../sums.ts';

export const measureColumns = [
  countColumn('flows', 'Flows', 'flows', 'Eligible flows.'),
  shareColumn('flow_share', 'Of flows', 'Share of the eligible flows.'),
  bytesColumn('bytes', 'Bytes', 'Their IP bytes, both directions.'),
  shareColumn('byte_share', 'Of bytes', 'Share of the bytes of the eligible flows.'),
];

interface Measured {
  readonly flows: number;
  readonly bytes: number;
}

/** A function that measures some of `all` for the columns above. */
export const measureAgainst = (all: readonly Measured[]) => {
  const allFlows = sumOf(all, ({ flows }) => flows);
  const allBytes = sumOf(all, ({ bytes }) => bytes);
  return (some: readonly Measured[]) => {
    const flows = sumOf(some, (one) => one.flows);
    const bytes = sumOf(some, (one) => one.bytes);
    return { flows, flow_share: shareOf(flows, allFlows), bytes, byte_share: shareOf(bytes, allBytes) };
  };
};
