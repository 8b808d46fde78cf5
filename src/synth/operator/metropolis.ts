/** The preset `metropolis`: a fast network with servers at home and in two places abroad, where films are sent. All of it is made up, to differ from the others. */
import type { OperatorPreset } from './preset.ts';
import { content, elsewhere, numbered, pool, telephones, wave } from './preset-parts.ts';

export const metropolis: OperatorPreset = {
  name: 'metropolis',
  title: 'A fast network with servers at home and in two places abroad, where films are sent',
  startAt: '2016-09-11T16:00:00Z',
  days: 4,
  subscribers: 15_000,
  flowsPerDay: 54.2,
  clock: { offsetHours: 8, weekday: wave(13, 0.55), weekend: wave(16, 0.45) },
  adoption: 0.85,
  activitySigma: 0.5,
  devices: telephones([0.45, [9, 14, 28], 0], [0.5, [4], 45], [0.01, [15], 90], [0.04, [7], 30]),
  access: {
    ...{ rttUs: 18_000, radioUs: 3000, downRate: 1_200_000, upRate: 500_000, rateSigma: 0.8 },
    ...{ downWindow: 120_000, upWindow: 64_000 },
  },
  hosting: {
    ...{ asn: 64_502, org: 'Three Places Cloud', blocks: 40 },
    networks: [
      '66.8',
      '66.9',
      '66.10',
      '103.4',
      '103.5',
      '117.20',
      '117.21',
      '125.60',
      '129.7',
      '130.5',
      '131.9',
      '140.2',
    ],
    dataCentres: [
      { rttUs: 22_000, share: 0.5 },
      { rttUs: 61_000, share: 0.3 },
      { rttUs: 148_000, share: 0.2 },
    ],
    ...{ serverSpreadUs: 600, queueUs: 500 },
  },
  pools: [
    pool('chat', [...numbered('e', 1, 16, 1), ...numbered('d', 1, 4, 1)], 80, 20, 900),
    pool('image', numbered('mmi', 301, 60, 3), 60, 30, 300),
    pool('audio', numbered('mms', 401, 20, 3), 20, 20, 300),
    pool('video', numbered('mmv', 501, 90, 3), 90, 45, 120),
    pool('control', ['v.whatsapp.net'], 10, 1, 120),
    pool('web', ['www.whatsapp.com'], 6, 1, 120),
  ],
  chat: {
    ...{ gapMinutes: 2, gapSigma: 2, sentPerRound: 2.2, receivedPerRound: 2.6 },
    ...{ message: content(170, 1.1, 20, 6000), lostShare: 0.05 },
  },
  media: {
    ...{ perDay: 2.2, sentShare: 0.25 },
    kinds: [
      { class: 'image', share: 0.5, content: content(180_000, 0.7, 8000, 4_000_000) },
      { class: 'audio', share: 0.2, content: content(60_000, 1, 3000, 4_000_000) },
      { class: 'video', share: 0.3, content: content(1_300_000, 0.8, 80_000, 16_000_000) },
    ],
  },
  control: { perDay: 0.2, content: content(5200, 0.8, 700, 90_000) },
  others: { perDay: 4, services: elsewhere(6, 20_000), namelessShare: 0.5 },
  outage: {
    ...{ from: '2016-09-13T02:30:00Z', recoversAt: '2016-09-13T03:15:00Z', until: '2016-09-13T03:30:00Z' },
    ...{ residual: 0.3, firstRetryS: 10, lastRetryS: 300, giveUp: 0.2 },
  },
};
