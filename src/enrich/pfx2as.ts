/** The lines of a pfx2as file, CAIDA's form of a routing table: address, length and origin, with tabs between. */
import { type Prefix, parsePrefix } from '../packet/prefix.ts';

const LINE = /^([0-9a-f.:]+)\t(\d{1,3})\t([\d_,{}]+)\s*$/i;

/** Is that the form of a text, by its first line? */
export const isPfx2as = (text: string): boolean => LINE.test(text.split('\n', 1)[0]!);

/**
 * The block and its origin; in words what is wrong with the line otherwise.
 *
 * Of several origins (`4808_9808`) it is the first, for they stand in the order of how often they were seen; of a set
 * (`{1,2}` or `1,2`) the first as well.
 */
export const parsePfx2asLine = (line: string): string | readonly [block: Prefix, asn: number] => {
  const [, address, length, origins] = LINE.exec(line) ?? [];
  if (origins === undefined) return 'it is not address, length and origin with tabs between';
  const block = parsePrefix(`${address}/${length}`);
  if (block === undefined) return `'${address}/${length}' is no address block`;
  const asn = Number(/\d{1,10}/.exec(origins)?.[0]);
  if (!(asn > 0 && asn < 2 ** 32)) return `'${origins}' is no AS number`;
  return [block, asn];
};
