/** The preset `wide`: a service on very many addresses in four places, all of which are in use at any hour. All of it is made up, to differ from the others. */
import type { OperatorPreset } from './preset.ts';
import { content, elsewhere, numbered, pool, telephones, wave } from './preset-parts.ts';

export const wide: OperatorPreset = {
  name: 'wide',
  title: 'A service on very many addresses in four places, all of which are in use at any hour',
  startAt: '2013-07-07T20:00:00Z',
  days: 5,
  subscribers: 12_000,
  flowsPerDay: 23.9,
  clock: { offsetHours: 4, weekday: wave(18, 0.35), weekend: wave(11, 0.3) },
  adoption: 0.7,
  activitySigma: 0.6,
  devices: telephones([0.2, [16, 27], 0], [0.3, [8], 15], [0.35, [22], 0], [0.15, [5], 100]),
  access: {
    ...{ rttUs: 28_000, radioUs: 6000, downRate: 400_000, upRate: 300_000, rateSigma: 1 },
    ...{ downWindow: 24_000, upWindow: 20_000 },
  },
  hosting: {
    ...{ asn: 64_505, org: 'Wide Hosting', blocks: 120 },
    networks: Array.from({ length: 60 }, (_, i) => `${133 + (i % 12)}.${20 + i}`),
    dataCentres: [
      { rttUs: 40_000, share: 0.25 },
      { rttUs: 75_000, share: 0.25 },
      { rttUs: 130_000, share: 0.25 },
      { rttUs: 210_000, share: 0.25 },
    ],
    ...{ serverSpreadUs: 500, queueUs: 1500 },
  },
  pools: [
    pool('chat', [...numbered('c', 10, 30, 2), ...numbered('e', 10, 30, 2)], 240, 60, 450),
    pool('image', numbered('mmi', 700, 110, 3), 110, 110, 1500),
    pool('audio', numbered('mms', 100, 80, 3), 80, 80, 1500),
    pool('video', numbered('mmv', 400, 150, 3), 150, 150, 1500),
    pool('control', ['v.whatsapp.net'], 30, 1, 200),
    pool('web', ['www.whatsapp.com'], 10, 1, 200),
  ],
  chat: {
    ...{ gapMinutes: 4.5, gapSigma: 2.1, sentPerRound: 1.8, receivedPerRound: 1.9 },
    ...{ message: content(230, 0.6, 30, 3000), lostShare: 0.08 },
  },
  media: {
    ...{ perDay: 1.6, sentShare: 0.38 },
    kinds: [
      { class: 'image', share: 0.7, content: content(95_000, 0.8, 5000, 2_500_000) },
      { class: 'audio', share: 0.1, content: content(48_000, 0.5, 3000, 1_000_000) },
      { class: 'video', share: 0.2, content: content(700_000, 0.7, 60_000, 9_000_000) },
    ],
  },
  control: { perDay: 0.6, content: content(9000, 0.3, 2000, 40_000) },
  others: { perDay: 2, services: elsewhere(5, 60_000), namelessShare: 0.7 },
  outage: {
    ...{ from: '2013-07-10T14:00:00Z', recoversAt: '2013-07-10T14:20:00Z', until: '2013-07-10T15:30:00Z' },
    ...{ residual: 0, firstRetryS: 5, lastRetryS: 120, giveUp: 0.3 },
  },
};
