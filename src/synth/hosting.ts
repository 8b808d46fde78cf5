/** Who is behind the names of the planted scene: WhatsApp at SoftLayer as in February 2014, and others on addresses for documentation. */
import { HOUR } from '../kit/time.ts';

export interface Host {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ttlS: number;
  readonly service: string;
  readonly class: string;
}

/** 512 addresses in the blocks of SoftLayer that WhatsApp used; near ones share a /24. */
const poolAddress = (i: number): string => {
  const block = ['184.173.136', '158.85.58', '174.36.210', '50.22.231'][i % 4]!;
  const [a, b, c] = block.split('.').map(Number);
  return `${a}.${b}.${c! + ((i >> 2) % 8)}.${16 + (i >> 2)}`;
};

/** The two data centres of the study: by their RTT from Vienna, microseconds. */
const dataCentreRtts = [106_000, 114_000];

const whatsapp = (name: string, first: number, count: number, ttlS: number, ofClass: string): Host => ({
  name,
  addresses: Array.from({ length: count }, (_, i) => poolAddress(first + i)),
  ttlS,
  service: 'whatsapp',
  class: ofClass,
});

const numbered = (n: number): string => String(n).padStart(3, '0');

/** e1 to e16: chat, on 5222; each answers with 8 addresses. */
export const chatHosts: readonly Host[] = Array.from({ length: 16 }, (_, i) =>
  whatsapp(`e${i + 1}.whatsapp.net`, 4 * i, 8, 1800, 'chat'),
);

/** mmi, mms, mmv with three digits: media, on 443, one address each. */
export const mediaHosts: Readonly<Record<'image' | 'audio' | 'video', readonly Host[]>> = {
  image: Array.from({ length: 10 }, (_, i) =>
    whatsapp(`mmi${numbered(601 + i)}.whatsapp.net`, 80 + i, 1, 600, 'image'),
  ),
  audio: Array.from({ length: 16 }, (_, i) =>
    whatsapp(`mms${numbered(801 + i)}.whatsapp.net`, 100 + i, 1, 600, 'audio'),
  ),
  video: Array.from({ length: 24 }, (_, i) =>
    whatsapp(`mmv${numbered(201 + i)}.whatsapp.net`, 130 + i, 1, 300, 'video'),
  ),
};

/** Registration and control. */
export const controlHost: Host = whatsapp('v.whatsapp.net', 160, 2, 300, 'control');

const edge = (i: number): string => `203.0.113.${10 + i}`;

/** Unrelated services on the shared addresses of one delivery network: two of them on each address. */
export const sharedHosts: readonly Host[] = [
  'static.shop.example',
  'img.news.example',
  'api.weather.example',
  'cdn.games.example',
  'media.radio.example',
  'tiles.maps.example',
].map((name, i) => ({ name, addresses: [edge(i % 3)], ttlS: 60, service: '', class: '' }));

/** RTT between vantage and server, microseconds: a floor by place, and what queues add to it, given by `queue` in [0, 1). */
export const serverRttUs = (address: string, queue: number): number => {
  if (/^(184|158|174|50)\./.test(address)) {
    const third = Number(address.split('.')[2]);
    return dataCentreRtts[third % 2]! + Math.floor(1500 * queue ** 3);
  }
  return 8_000 + Math.floor(2000 * queue);
};

/** How busy people are at a time of day (UTC microseconds, Central European Time), between 0.1 and 1; an assumption. */
export const activityAt = (at: number): number => {
  const hour = (at / HOUR + 1) % 24;
  return 0.55 + 0.45 * Math.cos(((hour - 20.5) / 24) * 2 * Math.PI);
};

/** Who announced the addresses then: an overlay for an AS database, dated. AS numbers for documentation are of RFC 5398. */
export const plantedOverlay = `prefix,asn,org,from,until
184.173.0.0/16,36351,SoftLayer Technologies Inc.,2014-01-01,2014-12-31
158.85.0.0/16,36351,SoftLayer Technologies Inc.,2014-01-01,2014-12-31
174.36.0.0/15,36351,SoftLayer Technologies Inc.,2014-01-01,2014-12-31
50.22.0.0/15,36351,SoftLayer Technologies Inc.,2014-01-01,2014-12-31
203.0.113.0/24,64496,Example Delivery Network,2014-01-01,2014-12-31
198.51.100.0/24,64497,Example Hosting,2014-01-01,2014-12-31
192.0.2.0/24,64498,Example Access,2014-01-01,2014-12-31
2001:db8::/32,64496,Example Delivery Network,2014-01-01,2014-12-31
`;
