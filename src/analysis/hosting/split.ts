/** Do the handshakes reach the servers, or does a gateway of the network answer them? */
import type { Recipe } from '../analysis.ts';
import { asnColumn, cardTable, countColumn, detailTable, durationColumn, shareColumn, textColumn } from '../card.ts';
import { formatValue } from '../format.ts';
import { numberOf, numberOrNull, type Row, textOf } from '../query.ts';
import { shareOf, sumOf } from '../sums.ts';
import { splitFigure } from './figure.ts';
import { type Judgement, judgeSplit, type Network, splitMethod, type Verdict } from './split-verdict.ts';

/** A protocol and a port: 'tcp/443'. */
interface Way {
  readonly name: string;
  readonly networks: readonly Network[];
}

const QUIC = 'udp';

const toNetwork = (row: Row): Network => ({
  net: textOf(row, 'server_net'),
  asn: numberOf(row, 'asn'),
  country: textOf(row, 'country'),
  flows: numberOf(row, 'flow_total'),
  leastUs: numberOf(row, 'least_us'),
});

const nameOf = (row: Row): string => `${textOf(row, 'protocol')}/${numberOrNull(row, 'server_port') ?? '-'}`;

/** In the order of the rows. */
const toWays = (rows: readonly Row[], leastFlows: number): readonly Way[] => {
  const networks = new Map<string, Network[]>();
  for (const row of rows) {
    const network = toNetwork(row);
    if (network.flows < leastFlows) continue;
    const name = nameOf(row);
    networks.set(name, networks.get(name) ?? []);
    networks.get(name)!.push(network);
  }
  return [...networks].map(([name, some]) => ({ name, networks: some }));
};

/** By network: the least RTT on ways other than this one. */
const leastElsewhere = (ways: readonly Way[], way: Way): ReadonlyMap<string, number> => {
  const least = new Map<string, number>();
  for (const { networks } of ways.filter((one) => one !== way))
    for (const { net, leastUs } of networks) least.set(net, Math.min(leastUs, least.get(net) ?? leastUs));
  return least;
};

const listed = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;

const toFinding = (judged: readonly ({ readonly port: string } & Judgement)[]): string => {
  const of = (verdict: Verdict): readonly string[] =>
    judged
      .filter((one) => one.verdict === verdict)
      .map(({ port, medianUs }) =>
        verdict === 'split' ? `${port} (after ${formatValue('duration_us', medianUs)})` : port,
      );
  const split = of('split');
  const notSplit = of('not split');
  const open = of('cannot tell');
  const parts = [
    split.length > 0
      ? `a gateway answers for the servers on ${listed(split)}, so that RTTs say there how far the gateway is, not the servers`
      : '',
    notSplit.length > 0 ? `handshakes on ${listed(notSplit)} reach the servers` : '',
    open.length > 0 ? `whether a gateway answers on ${listed(open)} cannot be told` : '',
  ].filter((part) => part !== '');
  const text = parts.join('; ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
};

export const split: Recipe = {
  id: 'split',
  title: 'TCP split by a gateway',
  question: 'Do the handshakes reach the servers, or does a gateway answer them?',
  unit: 'flows',
  queries: ['split'],
  allTraffic: true,
  nothing: {
    finding:
      'No TCP handshakes with servers of known autonomous systems were timed often enough to tell whether a gateway answers them.',
    hint: 'Import a capture in which SYN and SYN/ACK of connections to the Internet pass, with --as-database if it is old.',
  },
  make: (results, { options }) => {
    const rows = results('split');
    const leastFlows = options.least_flows!;
    const ways = toWays(rows, leastFlows);
    const tcp = ways.filter(({ name }) => !name.startsWith(QUIC));
    if (tcp.length === 0) return undefined;
    const judged = tcp.map((way) => {
      const elsewhere = leastElsewhere(ways, way);
      return { port: way.name, networks: way.networks, ...judgeSplit(way.networks, (net) => elsewhere.get(net)) };
    });
    const counted = sumOf(tcp, ({ networks }) => sumOf(networks, ({ flows }) => flows));
    const few = sumOf(rows, (row) =>
      nameOf(row).startsWith(QUIC) || numberOf(row, 'flow_total') >= leastFlows ? 0 : numberOf(row, 'flow_total'),
    );
    const all = numberOf(rows[0]!, 'tcp_total');
    const local = numberOf(rows[0]!, 'local_total');
    return {
      finding: toFinding(judged),
      tables: [
        cardTable(
          'By port',
          [
            textColumn('port', 'Port', 'Protocol and server port.'),
            textColumn('verdict', 'Gateway', "'split': a gateway answers; 'not split': the servers do; 'cannot tell'."),
            countColumn('networks', 'Networks', 'networks', 'Networks of servers (/24, /48) with enough handshakes.'),
            countColumn('systems', 'AS', 'autonomous systems', 'Autonomous systems that they are in.'),
            durationColumn('median_us', 'Median', 'Median over these networks of the least RTT.'),
            shareColumn('alike', 'Alike', 'Share of the networks whose least RTT is like the median.'),
            countColumn('pairs', 'Pairs', 'pairs of countries', 'Pairs of countries of these networks.'),
            shareColumn(
              'impossible',
              'Too near',
              'Share of the pairs that are farther apart than light goes in both RTTs together.',
            ),
            countColumn(
              'compared',
              'Compared',
              'networks',
              'Networks that were reached by other ports, or by QUIC, too.',
            ),
            shareColumn(
              'faster',
              'Faster',
              'Share of those to which the least RTT is less than half of that elsewhere.',
            ),
          ],
          judged.map((one) => ({
            port: one.port,
            verdict: one.verdict,
            networks: one.networks.length,
            systems: one.systems,
            median_us: one.medianUs,
            alike: shareOf(one.alike, one.networks.length),
            pairs: one.pairs,
            impossible: shareOf(one.impossiblePairs, one.pairs),
            compared: one.compared,
            faster: shareOf(one.faster, one.compared),
          })),
        ),
        detailTable(
          'Networks',
          [
            textColumn('port', 'Port', 'Protocol and server port; UDP is QUIC.'),
            textColumn('net', 'Network', 'Network of the servers.'),
            asnColumn('asn', 'AS', 'Autonomous system that announced it.'),
            textColumn('country', 'Country', 'Country of registration, ISO 3166.'),
            countColumn('flows', 'Flows', 'flows', 'Flows with an RTT.'),
            durationColumn('least_us', 'Least RTT', 'Least RTT between vantage and its servers.'),
          ],
          ways.flatMap(({ name, networks }) =>
            networks.map(({ net, asn, country, flows, leastUs }) => ({
              port: name,
              net,
              asn,
              country,
              flows,
              least_us: leastUs,
            })),
          ),
        ),
      ],
      figure: splitFigure(tcp),
      n: counted,
      method: splitMethod(leastFlows),
      exclusions: [
        { reason: 'Left out (to servers in no autonomous system of the database)', n: local },
        { reason: `Left out (to networks with fewer than ${leastFlows} handshakes)`, n: few },
        {
          reason: 'Not listed (on other ports, or to networks beyond the 2,000 with most handshakes)',
          n: all - local - few - counted,
        },
      ],
    };
  },
};
