/** What else people used in 2014: services of the rules by names and networks of then; shares, sizes and RTTs are made up. */
import type { OtherService } from './preset.ts';

const page = { median: 14_000, sigma: 1.1, least: 400, most: 2_000_000 } as const;
const picture = { median: 22_000, sigma: 1.2, least: 800, most: 3_000_000 } as const;
const film = { median: 1_400_000, sigma: 1, least: 60_000, most: 20_000_000 } as const;
const small = { median: 3500, sigma: 0.8, least: 300, most: 200_000 } as const;

export const otherServices: readonly OtherService[] = [
  {
    service: 'facebook',
    names: ['www.facebook.com', 'graph.facebook.com', 'scontent-a.xx.fbcdn.net', 'static.xx.fbcdn.net'],
    ...{ addresses: 24, block: '31.13.64.0/18', asn: 32_934, org: 'Facebook, Inc.', rttUs: 31_000, ttlS: 60 },
    share: 0.22,
    content: picture,
  },
  {
    service: 'google',
    names: ['www.google.com', 'clients1.google.com', 'ssl.gstatic.com', 'maps.google.com'],
    ...{ addresses: 32, block: '173.194.0.0/16', asn: 15_169, org: 'Google Inc.', rttUs: 14_000, ttlS: 300 },
    share: 0.2,
    content: page,
  },
  {
    service: 'youtube',
    names: ['m.youtube.com', 'i1.ytimg.com', 'r1---sn-a5m7lne7.googlevideo.com', 'r3---sn-a5m7lne7.googlevideo.com'],
    ...{ addresses: 20, block: '208.117.224.0/19', asn: 15_169, org: 'Google Inc.', rttUs: 15_000, ttlS: 1800 },
    share: 0.05,
    content: film,
  },
  {
    service: 'instagram',
    names: ['i.instagram.com', 'distilleryimage0.instagram.com'],
    ...{ addresses: 8, block: '54.224.0.0/12', asn: 14_618, org: 'Amazon.com, Inc.', rttUs: 98_000, ttlS: 60 },
    share: 0.06,
    content: picture,
  },
  {
    service: 'x',
    names: ['api.twitter.com', 'pbs.twimg.com', 't.co'],
    ...{ addresses: 9, block: '199.16.156.0/22', asn: 13_414, org: 'Twitter Inc.', rttUs: 104_000, ttlS: 30 },
    share: 0.05,
    content: page,
  },
  {
    service: 'apple',
    names: ['itunes.apple.com', 'init.ess.apple.com', 'gs-loc.apple.com'],
    ...{ addresses: 12, block: '17.0.0.0/8', asn: 714, org: 'Apple Inc.', rttUs: 120_000, ttlS: 600 },
    share: 0.06,
    content: small,
  },
  {
    service: 'skype',
    names: ['api.skype.com', 'apps.skype.com'],
    ...{ addresses: 6, block: '157.56.0.0/16', asn: 8075, org: 'Microsoft Corporation', rttUs: 38_000, ttlS: 300 },
    share: 0.03,
    content: small,
  },
  {
    service: 'viber',
    names: ['secure.viber.com', 'share.viber.com'],
    ...{ addresses: 6, block: '54.169.0.0/16', asn: 16_509, org: 'Amazon.com, Inc.', rttUs: 99_000, ttlS: 300 },
    share: 0.03,
    content: small,
  },
  {
    service: 'dropbox',
    names: ['api.dropbox.com', 'www.dropbox.com'],
    ...{ addresses: 6, block: '108.160.160.0/20', asn: 19_679, org: 'Dropbox, Inc.', rttUs: 160_000, ttlS: 60 },
    share: 0.02,
    content: picture,
  },
  {
    service: 'wikipedia',
    names: ['de.m.wikipedia.org', 'upload.wikimedia.org'],
    ...{ addresses: 4, block: '91.198.174.0/24', asn: 43_821, org: 'Wikimedia Europe', rttUs: 25_000, ttlS: 600 },
    share: 0.03,
    content: page,
  },
  {
    service: '',
    names: Array.from({ length: 60 }, (_, i) => `www.site-${i + 1}.example`),
    ...{ addresses: 40, block: '198.51.100.0/24', asn: 64_497, org: 'Example Hosting', rttUs: 19_000, ttlS: 3600 },
    share: 0.25,
    content: page,
  },
];
