/** The preset `campus`: a university whose telephones talk all day to a few servers nearby, and hardly at weekends. All of it is made up, to differ from the others. */
import type { OperatorPreset } from './preset.ts';
import { content, elsewhere, numbered, pool, telephones, wave } from './preset-parts.ts';

export const campus: OperatorPreset = {
  name: 'campus',
  title: 'A university whose telephones talk all day to a few servers nearby, and hardly at weekends',
  startAt: '2015-03-01T23:00:00Z',
  days: 14,
  subscribers: 3000,
  flowsPerDay: 75.4,
  clock: { offsetHours: 1, weekday: wave(12, 0.95), weekend: wave(15, 0.2).map((load) => load / 3) },
  adoption: 0.95,
  activitySigma: 0.3,
  devices: telephones([0.35, [13], 20], [0.55, [3.5], 0], [0.02, [10], 0], [0.08, [17], 60]),
  access: {
    ...{ rttUs: 6000, radioUs: 1500, downRate: 2_500_000, upRate: 2_000_000, rateSigma: 0.3 },
    ...{ downWindow: 45_000, upWindow: 54_000 },
  },
  hosting: {
    ...{ asn: 64_504, org: 'Near Hosting', networks: ['146.50', '147.50'], blocks: 3 },
    dataCentres: [
      { rttUs: 9000, share: 0.5 },
      { rttUs: 33_000, share: 0.5 },
    ],
    ...{ serverSpreadUs: 100, queueUs: 150 },
  },
  pools: [
    pool('chat', numbered('e', 1, 4, 1), 12, 4, 300),
    pool('image', numbered('mmi', 11, 6, 2), 6, 6, 60),
    pool('audio', numbered('mms', 21, 4, 2), 4, 2, 60),
    pool('video', numbered('mmv', 31, 10, 2), 10, 3, 60),
    pool('control', ['v.whatsapp.net'], 2, 1, 60),
    pool('web', ['www.whatsapp.com'], 2, 1, 60),
  ],
  chat: {
    ...{ gapMinutes: 8, gapSigma: 1.5, sentPerRound: 3, receivedPerRound: 3 },
    ...{ message: content(45, 0.5, 10, 800), lostShare: 0.18 },
  },
  media: {
    ...{ perDay: 3, sentShare: 0.5 },
    kinds: [
      { class: 'image', share: 0.3, content: content(120_000, 0.4, 5000, 1_000_000) },
      { class: 'audio', share: 0.1, content: content(15_000, 1.2, 1000, 2_000_000) },
      { class: 'video', share: 0.6, content: content(350_000, 1.2, 20_000, 14_000_000) },
    ],
  },
  control: { perDay: 3, content: content(800, 0.9, 200, 20_000) },
  others: { perDay: 6, services: elsewhere(1, -5000), namelessShare: 0.35 },
  probeGap: { from: '2015-03-06T09:00:00Z', until: '2015-03-06T09:20:00Z' },
  dnsFailure: { from: '2015-03-10T10:00:00Z', until: '2015-03-10T10:05:00Z', servfail: 0.9, silent: 0.05 },
};
