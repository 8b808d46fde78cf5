/** Does a gateway answer for the servers? Judged by the least round-trip time to each of their networks. */
import { KM_PER_RTT_US, leastDistanceKm } from './places.ts';

/** Handshakes to one network of servers, over one protocol and port. */
export interface Network {
  readonly net: string;
  readonly asn: number;
  /** ISO 3166; '' if the database has none. */
  readonly country: string;
  readonly flows: number;
  /** Least RTT, microseconds. */
  readonly leastUs: number;
}

export type Verdict = 'split' | 'not split' | 'cannot tell';

export interface Judgement {
  readonly verdict: Verdict;
  readonly systems: number;
  readonly countries: number;
  readonly medianUs: number;
  /** Networks whose least RTT is that of the median one, give or take `TOLERANCE` of it or `TOLERANCE_US`. */
  readonly alike: number;
  /** Pairs of countries whose places are known, and those that are farther apart than both RTTs together allow. */
  readonly pairs: number;
  readonly impossiblePairs: number;
  /** Networks with an RTT by other ways too, and those to which this one is less than half of it. */
  readonly compared: number;
  readonly faster: number;
}

const TOLERANCE = 0.2;
const TOLERANCE_US = 1000;
/** So few networks may well be as far as each other. */
const LEAST_NETWORKS = 10;
const LEAST_SYSTEMS = 5;
const SHARE_ALIKE = 0.9;
const SHARE_NOT_ALIKE = 0.7;
const SHARE_IMPOSSIBLE = 0.5;
const LEAST_COMPARED = 5;
const SHARE_FASTER = 0.8;

/** The lower median. */
const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;

const mediansByCountry = (networks: readonly Network[]): readonly (readonly [country: string, us: number])[] => {
  const countries = [...new Set(networks.map(({ country }) => country))].filter((country) => country !== '');
  return countries.map((country) => [
    country,
    medianOf(networks.filter((network) => network.country === country).map(({ leastUs }) => leastUs)),
  ]);
};

/**
 * The rule: two servers D km apart cannot both be near, so RTT_1 + RTT_2 >= 2 D / (2/3 c) wherever the vantage is. RTTs
 * that are alike to networks of many systems, and too small for the countries these are in, are those of something
 * before the servers. So are RTTs that are much less than those to the same networks by other ways.
 *
 * @param networks those with enough handshakes, not empty
 * @param otherUs the least RTT to a network by other ports, or by QUIC, which no gateway can split; undefined if there is none
 */
export const judgeSplit = (networks: readonly Network[], otherUs: (net: string) => number | undefined): Judgement => {
  const medianUs = medianOf(networks.map(({ leastUs }) => leastUs));
  const toleranceUs = Math.max(TOLERANCE_US, TOLERANCE * medianUs);
  const alike = networks.filter(({ leastUs }) => Math.abs(leastUs - medianUs) <= toleranceUs).length;
  const systems = new Set(networks.map(({ asn }) => asn)).size;
  const byCountry = mediansByCountry(networks);

  let pairs = 0;
  let impossiblePairs = 0;
  for (const [i, [one, oneUs]] of byCountry.entries()) {
    for (const [other, us] of byCountry.slice(i + 1)) {
      const distanceKm = leastDistanceKm(one, other);
      if (distanceKm === undefined) continue;
      pairs++;
      if (oneUs + us < distanceKm / KM_PER_RTT_US) impossiblePairs++;
    }
  }

  let compared = 0;
  let faster = 0;
  for (const { net, leastUs } of networks) {
    const us = otherUs(net);
    if (us === undefined) continue;
    compared++;
    if (leastUs < us / 2 && us - leastUs > TOLERANCE_US) faster++;
  }

  const isMuchFaster = compared >= LEAST_COMPARED && faster >= SHARE_FASTER * compared;
  const isEnough = networks.length >= LEAST_NETWORKS && systems >= LEAST_SYSTEMS;
  const isAlike = alike >= SHARE_ALIKE * networks.length;
  const isTooNear = pairs > 0 && impossiblePairs >= SHARE_IMPOSSIBLE * pairs;
  const isUnlike = alike <= SHARE_NOT_ALIKE * networks.length;
  const verdict: Verdict =
    isMuchFaster || (isEnough && isAlike && isTooNear) ? 'split' : isEnough && isUnlike ? 'not split' : 'cannot tell';
  return {
    verdict,
    systems,
    countries: byCountry.length,
    medianUs,
    alike,
    pairs,
    impossiblePairs,
    compared,
    faster,
  };
};

const percent = (share: number): string => `${100 * share} %`;

/** The rule in words. */
export const splitMethod = (leastFlows: number): string =>
  `All traffic, whatever the service. Per port and network of servers (/24, /48) with at least ${leastFlows} handshakes: the least time from SYN to SYN/ACK at the vantage. 'split' if at least ${percent(SHARE_ALIKE)} of the networks have the same, give or take ${percent(TOLERANCE)} or ${TOLERANCE_US / 1000} ms, and half of the pairs of countries are farther apart than light in fibre goes in both RTTs together; or if it is less than half of the least RTT to the same network by other ports or QUIC for ${percent(SHARE_FASTER)} of at least ${LEAST_COMPARED} networks. 'not split' if at most ${percent(SHARE_NOT_ALIKE)} are alike. Both want ${LEAST_NETWORKS} networks in ${LEAST_SYSTEMS} autonomous systems. Countries are those of registration, and delivery networks stand near their users: one network proves nothing, many of many systems do.`;
