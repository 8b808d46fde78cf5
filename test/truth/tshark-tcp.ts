/** tshark's reading of the TCP segments of a capture: payload, retransmission, reordering, keep-alives and zero windows of each pair of ends. */
import { spawnSync } from 'node:child_process';
import { keyOfTruth } from './truth-files.ts';

/** What is counted in each direction. */
export const tcpClasses = ['payload', 'retransmits', 'reordered', 'keepalives', 'zero_windows'] as const;

export type TcpClass = (typeof tcpClasses)[number];

/** From the lexically first end and back, by class. */
export type TcpCounts = Readonly<Record<TcpClass, readonly [number, number]>>;

const fields = [
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.stream',
  'tcp.seq_raw',
  'tcp.len',
  'tcp.flags.syn',
  // The fast and the spurious ones have this field too.
  'tcp.analysis.retransmission',
  'tcp.analysis.out_of_order',
  'tcp.analysis.keep_alive',
  'tcp.analysis.zero_window',
] as const;

type Segment = Readonly<Record<(typeof fields)[number], string>>;

/** Of encapsulated packets the innermost headers count. */
const segmentsOf = (path: string): Segment[] => {
  const wanted = fields.flatMap((field) => ['-e', field]);
  const { stdout, status, stderr } = spawnSync(
    'tshark',
    ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=l', ...wanted],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  // It ends with 2 where a capture is cut off, after all that is whole.
  if (status !== 0 && status !== 2) throw new Error(`tshark ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(fields.map((field, i) => [field, cells[i] ?? ''])) as Segment;
    })
    .filter((segment) => !/icmp/.test(segment['frame.protocols']));
};

interface Ends {
  readonly key: string;
  /** Does the segment come from the lexically first end? */
  readonly isForward: boolean;
}

const endsOf = (segment: Segment): Ends => {
  const layers = segment['frame.protocols'].split(':');
  const family = layers.lastIndexOf('ipv6') > layers.lastIndexOf('ip') ? 'ipv6' : 'ip';
  const a = [segment[`${family}.src`], Number(segment['tcp.srcport'])] as const;
  const b = [segment[`${family}.dst`], Number(segment['tcp.dstport'])] as const;
  return { key: keyOfTruth({ proto: 'tcp', a, b }), isForward: a.join('#') <= b.join('#') };
};

/** How many distinct bytes the ranges [start, end) have. */
const unionOf = (ranges: readonly (readonly [number, number])[]): number => {
  let bytes = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    bytes += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return bytes;
};

/** Distance of a sequence number from the first of its direction, modulo 2^32 (RFC 9293 3.4). */
const distance = (sequence: number, first: number): number => (sequence - first) | 0;

/** What tshark says of every pair of ends that talk TCP. */
export const tsharkTcp = (path: string): Map<string, TcpCounts> => {
  const counts = new Map<string, Record<TcpClass, [number, number]>>();
  const ranges = new Map<string, { key: string; side: 0 | 1; first: number; list: [number, number][] }>();
  for (const segment of segmentsOf(path)) {
    const { key, isForward } = endsOf(segment);
    const side = isForward ? 0 : 1;
    let count = counts.get(key);
    if (count === undefined) {
      count = Object.fromEntries(tcpClasses.map((name) => [name, [0, 0]])) as unknown as Record<
        TcpClass,
        [number, number]
      >;
      counts.set(key, count);
    }
    if (segment['tcp.analysis.keep_alive'] !== '') count.keepalives[side]++;
    if (segment['tcp.analysis.zero_window'] !== '') count.zero_windows[side]++;
    const length = Number(segment['tcp.len']);
    // A SYN or FIN that comes again is no retransmission here: `up_syns` and `up_fins` count it.
    if (length === 0) continue;
    if (segment['tcp.analysis.retransmission'] !== '') count.retransmits[side]++;
    if (segment['tcp.analysis.out_of_order'] !== '') count.reordered[side]++;
    const direction = `${segment['tcp.stream']} ${side}`;
    const sequence = Number(segment['tcp.seq_raw']);
    const stream = ranges.get(direction) ?? { key, side, first: sequence, list: [] };
    ranges.set(direction, stream);
    const start = distance(sequence, stream.first) + (/^(1|True)$/.test(segment['tcp.flags.syn']) ? 1 : 0);
    stream.list.push([start, start + length]);
  }
  for (const { key, side, list } of ranges.values()) counts.get(key)!.payload[side] += unionOf(list);
  return counts;
};
