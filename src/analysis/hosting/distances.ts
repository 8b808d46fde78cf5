/** Can the servers be in the countries in which they are registered? Judged by the speed of light. */
import { type Coordinates, type Recipe, subjectOf } from '../analysis.ts';
import { cardTable, countColumn, distanceColumn, durationColumn, textColumn } from '../card.ts';
import { counted } from '../format.ts';
import { sumOf } from '../sums.ts';
import { type LeastRtts, leastRttsOf } from './least-rtts.ts';
import { KM_PER_RTT_US, nearestKm } from './places.ts';

/** By how much the places of countries, and RTTs rounded to a tenth of a millisecond, may be off. */
const TOLERANCE_KM = 100;

const judge = (from: Coordinates, { name, counts, n }: LeastRtts) => {
  const nearest = nearestKm(from, name);
  const isTooFar = (rttUs: number): boolean => nearest !== undefined && rttUs * KM_PER_RTT_US + TOLERANCE_KM < nearest;
  const refuted = sumOf(counts, ({ value, count }) => (isTooFar(value) ? count : 0));
  const verdict =
    nearest === undefined
      ? 'place not known'
      : refuted === 0
        ? 'possible'
        : refuted === n
          ? 'refuted'
          : 'refuted in part';
  const leastUs = counts[0]!.value;
  return {
    country: name,
    verdict,
    addresses: n,
    refuted: nearest === undefined ? null : refuted,
    least_us: leastUs,
    farthest_km: leastUs * KM_PER_RTT_US,
    nearest_km: nearest ?? null,
  };
};

export const distances: Recipe = {
  id: 'distances',
  title: 'Where the servers can be',
  question: 'Can the servers be where the database says?',
  unit: 'addresses',
  queries: ['rtt'],
  nothing: {
    finding: 'Nothing bounds where the servers are: the place of the vantage was not given, or no server has an RTT.',
    hint: 'Say where the vantage stands, in degrees north and east: sonde show hosting SERVICE --vantage-at 48.2,16.4',
  },
  make: (results, context) => {
    const { vantageAt } = context;
    const groups = leastRttsOf(results('rtt'), 'country').filter(({ n }) => n > 0);
    if (vantageAt === undefined || groups.length === 0) return undefined;
    const rows = groups.map((group) => judge(vantageAt, group));
    const refuted = sumOf(rows, (row) => row.refuted ?? 0);
    const judged = sumOf(rows, (row) => (row.refuted === null ? 0 : row.addresses));
    return {
      finding: `The speed of light refutes the country of ${counted(refuted, 'address', 'addresses')} of ${subjectOf(context)}, and leaves that of ${counted(judged - refuted, 'address', 'addresses')} possible.`,
      tables: [
        cardTable(
          'All servers',
          [
            countColumn('refuted', 'Refuted', 'addresses', 'Addresses that cannot be in their country.'),
            countColumn('possible', 'Possible', 'addresses', 'Addresses that can be in it.'),
          ],
          [{ refuted, possible: judged - refuted }],
        ),
        cardTable(
          'By country',
          [
            textColumn('country', 'Country', 'Country of registration, ISO 3166; empty if the database has none.'),
            textColumn('verdict', 'Verdict', 'Can the addresses be in it?'),
            countColumn('addresses', 'Addresses', 'addresses', 'Server addresses registered in it.'),
            countColumn('refuted', 'Refuted', 'addresses', 'Those whose least RTT is too short for its nearest place.'),
            durationColumn('least_us', 'Least RTT', 'The shortest of their least RTTs.'),
            distanceColumn(
              'farthest_km',
              'Not farther than',
              'Distance that light in fibre goes there and back in that time.',
            ),
            distanceColumn(
              'nearest_km',
              'Country from',
              'Distance from the vantage to the nearest place in the country.',
            ),
          ],
          rows,
        ),
      ],
      n: sumOf(rows, ({ addresses }) => addresses),
      method: `An address is refuted if its least RTT x c / 3, what light in fibre (2/3 of c = 299,792 km/s) goes there and back, plus ${TOLERANCE_KM} km of tolerance, does not reach the nearest place of its country, along a great circle from ${vantageAt.latitude}, ${vantageAt.longitude}. Possible says that light allows it, not that it is so: cables take detours and routers queue. The database tells countries of registration only, so that points inside of a country cannot be judged. A gateway that answers for the servers makes countries look refuted that are not: see the card on gateways.`,
      exclusions: [
        {
          reason: 'Counted, though the place of their country is not known',
          n: sumOf(rows, ({ addresses }) => addresses) - judged,
        },
        {
          reason: 'Left out (too few handshakes for a least RTT, or an RTT over 10 s)',
          n: sumOf(leastRttsOf(results('rtt'), 'country'), ({ leftOut }) => leftOut),
        },
      ],
    };
  },
};
