/** Which segments of a table are to become one. */
import type { Segment } from '../delta/segment.ts';
import { SEGMENT_BYTES } from '../delta/segment-sink.ts';

/** The engine looks at the footers of all of them at once. */
const MAX_SEGMENTS = 1024;

/** Small segments cost each query the opening of a file; what this program did not write is left to who did. */
export const isSmall = ({ bytes, rows, sha256 }: Segment): boolean =>
  bytes < SEGMENT_BYTES / 2 && rows !== undefined && sha256 !== undefined;

const startOf = ({ times }: Segment): number => times?.reported_at?.[0] ?? Number.NEGATIVE_INFINITY;

/**
 * Groups of small segments that fill one of the usual size together, neighbours in time, so that the ranges of the merged ones overlap little.
 *
 * A merged segment has at least half of the usual size and is not merged again, except for the last one of each
 * width: only segments that hold the same columns are merged.
 *
 * @param columns how many this program knows of the table: segments with more are left to a newer one
 */
export const planMerges = (segments: readonly Segment[], columns: number): readonly (readonly Segment[])[] => {
  const known = segments.filter((segment) => isSmall(segment) && segment.columns <= columns);
  const small = known.sort((a, b) => a.columns - b.columns || startOf(a) - startOf(b));
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of small) {
    const group = groups.at(-1);
    const fits =
      group !== undefined &&
      group[0]!.columns === segment.columns &&
      group.length < MAX_SEGMENTS &&
      bytes + segment.bytes <= SEGMENT_BYTES;
    if (fits) group.push(segment);
    else groups.push([segment]);
    bytes = (fits ? bytes : 0) + segment.bytes;
  }
  return groups.filter(({ length }) => length > 1);
};
