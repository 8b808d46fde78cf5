/** Names of the reverse tree (RFC 1035 3.5, RFC 3596 2.5): `4.3.2.1.in-addr.arpa`, whole or cut to a zone. */
import { type Prefix, toPrefix } from '../packet/prefix.ts';

interface ReverseName {
  /** The block that the name stands for; a name with all its labels stands for one address. */
  readonly prefix: Prefix;
  /** Labels in front of the reversed address, with their dot: `b._dns-sd._udp.`. */
  readonly before: string;
  /** From `in-addr` or `ip6` on. */
  readonly tree: string;
}

const split = (labels: string, label: RegExp, max: number): [before: string, digits: string[]] => {
  const parts = labels.split('.').slice(0, -1);
  let from = parts.length;
  while (from > 0 && parts.length - from < max && label.test(parts[from - 1]!)) from--;
  return [
    parts
      .slice(0, from)
      .map((part) => `${part}.`)
      .join(''),
    parts.slice(from).reverse(),
  ];
};

/** The parts of a reverse name, with or without a final dot; undefined if the text is none or has no digits. */
export const parseReverseName = (text: string): ReverseName | undefined => {
  const match = /^(.*\.)(in-addr\.arpa|ip6\.arpa|ip6\.int)(\.?)$/i.exec(text);
  if (match === null) return undefined;
  const [, labels, name, dot] = match;
  const isIpv4 = name!.length === 'in-addr.arpa'.length;
  const [before, digits] = isIpv4
    ? split(labels!, /^(25[0-5]|2[0-4]\d|1\d\d|\d{1,2})$/, 4)
    : split(labels!, /^[0-9a-f]$/i, 32);
  if (digits.length === 0) return undefined;
  const bytes = isIpv4
    ? Uint8Array.from({ length: 4 }, (_, i) => Number(digits[i] ?? 0))
    : Buffer.from(digits.join('').padEnd(32, '0'), 'hex');
  return { prefix: toPrefix(bytes, digits.length * (isIpv4 ? 8 : 4)), before, tree: name! + dot! };
};

/** The reverse name of a block that ends on a label's boundary. */
export const formatReverseName = ({ prefix, before, tree }: ReverseName): string => {
  const { bytes, length } = prefix;
  const labels =
    bytes.length === 4
      ? Array.from(bytes.subarray(0, length / 8), String)
      : [
          ...Buffer.from(bytes)
            .toString('hex')
            .slice(0, length / 4),
        ];
  return `${before}${labels.reverse().join('.')}.${tree}`;
};
