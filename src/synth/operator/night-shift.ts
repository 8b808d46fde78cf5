/** The preset `night-shift`: people who are up at night, with two places whose round trips are close to each other. All of it is made up, to differ from the others. */
import type { OperatorPreset } from './preset.ts';
import { content, elsewhere, numbered, pool, telephones, wave } from './preset-parts.ts';

export const nightShift: OperatorPreset = {
  name: 'night-shift',
  title: 'People who are up at night, with two places whose round trips are close to each other',
  startAt: '2014-11-02T22:00:00Z',
  days: 10,
  subscribers: 6000,
  flowsPerDay: 19.6,
  clock: { offsetHours: 2, weekday: wave(2, 0.7), weekend: wave(4, 0.85) },
  adoption: 0.5,
  activitySigma: 0.9,
  devices: telephones([0.7, [6], 0], [0.1, [2], 0], [0.15, [25], 75], [0.05, [11], 150]),
  access: {
    ...{ rttUs: 70_000, radioUs: 9000, downRate: 150_000, upRate: 60_000, rateSigma: 0.9 },
    ...{ downWindow: 17_500, upWindow: 8800 },
  },
  hosting: {
    ...{ asn: 64_503, org: 'Two Towers Hosting', blocks: 26 },
    networks: [
      '72.14',
      '72.15',
      '81.3',
      '82.3',
      '83.3',
      '84.3',
      '85.3',
      '86.3',
      '87.3',
      '88.3',
      '89.3',
      '90.3',
      '92.3',
    ],
    dataCentres: [
      { rttUs: 84_000, share: 0.3 },
      { rttUs: 88_000, share: 0.7 },
    ],
    ...{ serverSpreadUs: 200, queueUs: 300 },
  },
  pools: [
    pool('chat', numbered('d', 1, 24, 1), 96, 24, 7200),
    pool('image', numbered('mmi', 100, 40, 3), 40, 10, 1200),
    pool('audio', numbered('mms', 200, 30, 3), 30, 30, 1200),
    pool('video', numbered('mmv', 300, 20, 3), 20, 5, 1200),
    pool('control', ['v.whatsapp.net'], 6, 1, 900),
  ],
  chat: {
    ...{ gapMinutes: 5, gapSigma: 2.4, sentPerRound: 0.8, receivedPerRound: 4 },
    ...{ message: content(80, 1.3, 10, 9000), lostShare: 0.02 },
  },
  media: {
    ...{ perDay: 0.7, sentShare: 0.15 },
    kinds: [
      { class: 'image', share: 0.8, content: content(55_000, 0.9, 3000, 2_000_000) },
      { class: 'audio', share: 0.15, content: content(90_000, 0.6, 4000, 2_000_000) },
      { class: 'video', share: 0.05, content: content(900_000, 1.1, 40_000, 12_000_000) },
    ],
  },
  control: { perDay: 1.5, content: content(3300, 0.5, 500, 30_000) },
  others: { perDay: 3.2, services: elsewhere(8, 45_000), namelessShare: 0 },
  outage: {
    ...{ from: '2014-11-08T23:10:00Z', recoversAt: '2014-11-09T05:00:00Z', until: '2014-11-09T07:00:00Z' },
    ...{ residual: 0.01, firstRetryS: 60, lastRetryS: 1800, giveUp: 0.02 },
  },
  probeGap: { from: '2014-11-05T12:00:00Z', until: '2014-11-05T15:00:00Z' },
};
