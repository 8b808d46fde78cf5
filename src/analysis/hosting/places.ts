/** Where countries lie: a centre, and how far the places in them where people and servers are may be from it. Rough on purpose. */
import type { Coordinates } from '../analysis.ts';

/**
 * How far a server may be, in kilometres for each microsecond of its RTT: light in fibre goes two thirds as fast as in
 * vacuum (299,792 km/s), and the signal goes there and back.
 */
export const KM_PER_RTT_US = 299_792.458e-6 / 3;

interface Place extends Coordinates {
  /** Kilometres; overseas parts are left out. */
  readonly radiusKm: number;
}

/** ISO 3166: latitude, longitude, radius. Degrees north and east, to a degree. */
const table = `
AE 24 54 250|AL 41 20 170|AM 40 45 160|AR -36 -65 1900|AT 48 14 300|AU -28 134 2100|AZ 40 48 250|BA 44 18 180
BD 24 90 350|BE 51 5 150|BG 43 25 280|BH 26 51 40|BO -17 -65 750|BR -12 -52 2300|BY 53 28 320|CA 52 -96 2900
CH 47 8 200|CI 8 -5 370|CL -33 -71 2300|CM 5 12 600|CN 33 110 2600|CO 4 -73 900|CR 10 -84 250|CU 22 -79 600
CY 35 33 120|CZ 50 15 270|DE 51 10 450|DK 56 10 250|DO 19 -70 200|DZ 33 3 1200|EC -2 -78 400|EE 59 25 190
EG 28 31 700|ES 40 -4 700|ET 9 39 700|FI 63 26 650|FR 46 3 650|GB 54 -2 600|GE 42 43 260|GH 8 -1 370
GR 39 23 450|GT 15 -90 230|HK 22 114 40|HN 15 -87 300|HR 45 16 280|HU 47 19 270|ID -3 117 2700|IE 53 -8 260
IL 32 35 230|IN 22 79 1700|IQ 33 44 500|IR 33 53 1000|IS 65 -18 280|IT 42 12 700|JM 18 -77 120|JO 31 36 250
JP 36 138 1300|KE 0 38 500|KG 41 75 450|KH 12 105 280|KR 36 128 330|KW 29 48 100|KZ 48 67 1500|LB 34 36 110
LK 8 81 230|LT 55 24 190|LU 50 6 50|LV 57 25 240|MA 32 -6 700|MD 47 29 180|ME 43 19 90|MK 42 22 110
MM 21 96 1000|MN 47 104 1200|MT 36 14 20|MU -20 58 40|MX 23 -102 1800|MY 4 108 1000|NA -22 17 800|NG 9 8 700
NI 13 -85 280|NL 52 5 170|NO 64 12 1000|NP 28 84 450|NZ -41 174 900|OM 21 57 550|PA 9 -80 330|PE -9 -75 1100
PH 12 122 950|PK 30 70 900|PL 52 19 400|PR 18 -66 100|PT 40 -8 320|PY -23 -58 550|QA 25 51 90|RO 46 25 350
RS 44 21 240|RU 58 70 5200|SA 24 45 1100|SE 62 16 800|SG 1 104 30|SI 46 15 130|SK 49 20 220|SN 14 -14 370
SV 14 -89 130|SY 35 38 380|TH 14 101 900|TN 34 9 430|TR 39 35 850|TT 11 -61 60|TW 24 121 220|TZ -6 35 700
UA 49 32 650|UG 1 32 350|US 39 -98 2600|UY -33 -56 300|UZ 41 64 750|VE 8 -66 800|VN 16 107 900|YE 15 47 600
ZA -29 25 950|ZM -14 28 700|ZW -19 30 450
`;

const places = new Map<string, Place>(
  table
    .trim()
    .split(/[|\n]/)
    .map((entry) => {
      const [code, latitude, longitude, radiusKm] = entry.split(' ');
      return [code!, { latitude: Number(latitude), longitude: Number(longitude), radiusKm: Number(radiusKm) }];
    }),
);

const EARTH_RADIUS_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Along a great circle (haversine). */
const distanceKm = (a: Coordinates, b: Coordinates): number => {
  const latitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const longitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const h = latitude + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * longitude;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
};

/**
 * Kilometres by which servers in two countries (ISO 3166) are apart at least; 0 for neighbours, undefined for a country
 * that the table does not have.
 *
 * @example leastDistanceKm('DE', 'US') // about 4800
 */
export const leastDistanceKm = (one: string, other: string): number | undefined => {
  const a = places.get(one);
  const b = places.get(other);
  if (a === undefined || b === undefined) return undefined;
  return Math.max(0, distanceKm(a, b) - a.radiusKm - b.radiusKm);
};

/**
 * Kilometres from a place to the nearest place in a country where servers may be; 0 inside, undefined for a country that the
 * table does not have.
 *
 * @example nearestKm({ latitude: 48.2, longitude: 16.4 }, 'US') // about 5700
 */
export const nearestKm = (from: Coordinates, country: string): number | undefined => {
  const place = places.get(country);
  return place === undefined ? undefined : Math.max(0, distanceKm(from, place) - place.radiusKm);
};
