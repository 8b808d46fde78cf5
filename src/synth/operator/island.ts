/** The preset `island`: a small network behind a satellite, with one far place of servers and old telephones. All of it is made up, to differ from the others. */
import type { OperatorPreset } from './preset.ts';
import { content, elsewhere, numbered, pool, telephones, wave } from './preset-parts.ts';

export const island: OperatorPreset = {
  name: 'island',
  title: 'A small network behind a satellite, with one far place of servers and old telephones',
  startAt: '2015-06-01T10:00:00Z',
  days: 7,
  subscribers: 8000,
  flowsPerDay: 16.6,
  clock: { offsetHours: -10, weekday: wave(20, 0.8), weekend: wave(22, 0.6) },
  adoption: 0.35,
  activitySigma: 1,
  devices: telephones([0.3, [8, 20], 0], [0.1, [5], 0], [0.4, [12], 60], [0.2, [18], 120]),
  access: {
    ...{ rttUs: 300_000, radioUs: 12_000, downRate: 90_000, upRate: 40_000, rateSigma: 0.4 },
    ...{ downWindow: 65_000, upWindow: 32_000 },
  },
  hosting: {
    ...{ asn: 64_501, org: 'Far Hosting', networks: ['62.10', '62.11', '62.12', '93.40'], blocks: 9 },
    dataCentres: [{ rttUs: 180_000, share: 1 }],
    ...{ serverSpreadUs: 300, queueUs: 2500 },
  },
  pools: [
    pool('chat', numbered('c', 1, 9, 1), 36, 9, 3600),
    pool('image', numbered('mmi', 1, 12, 1), 12, 6, 900),
    pool('audio', numbered('mms', 1, 6, 1), 6, 3, 900),
    pool('video', numbered('mmv', 1, 8, 1), 8, 4, 600),
    pool('control', ['v.whatsapp.net'], 4, 1, 600),
  ],
  chat: {
    ...{ gapMinutes: 6, gapSigma: 1.8, sentPerRound: 1, receivedPerRound: 1.2 },
    ...{ message: content(60, 0.7, 10, 1200), lostShare: 0.25 },
  },
  media: {
    ...{ perDay: 0.4, sentShare: 0.45 },
    kinds: [
      { class: 'image', share: 0.4, content: content(38_000, 0.5, 3000, 600_000) },
      { class: 'audio', share: 0.55, content: content(21_000, 0.7, 2000, 900_000) },
      { class: 'video', share: 0.05, content: content(210_000, 0.6, 30_000, 3_000_000) },
    ],
  },
  control: { perDay: 0.8, content: content(1200, 0.4, 300, 9000) },
  others: { perDay: 1.5, services: elsewhere(3, 210_000), namelessShare: 0.1 },
  dnsFailure: { from: '2015-06-02T05:00:00Z', until: '2015-06-02T06:10:00Z', servfail: 0.2, silent: 0.6 },
};
