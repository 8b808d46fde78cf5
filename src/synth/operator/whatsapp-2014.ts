/** The preset `whatsapp-2014`: the week of the outage of 22 February 2014. Sources stand at the inputs; docs/55-planted-operator.md tells how the others were chosen. */
import { devices } from '../device.ts';
import { otherServices } from './other-services.ts';
import type { OperatorPreset } from './preset.ts';
import { numbered } from './preset-parts.ts';

export const whatsapp2014: OperatorPreset = {
  name: 'whatsapp-2014',
  title: 'WhatsApp in a mobile network of Europe, the week of 17 February 2014 with the outage of the 22nd',
  // A Monday.
  startAt: '2014-02-16T23:00:00Z',
  days: 7,
  subscribers: 20_000,
  flowsPerDay: 21.4,
  clock: {
    offsetHours: 1,
    weekday: [
      0.42, 0.3, 0.24, 0.22, 0.22, 0.3, 0.5, 0.75, 0.9, 0.98, 1.02, 1.08, 1.16, 1.14, 1.1, 1.12, 1.2, 1.32, 1.42, 1.5,
      1.52, 1.42, 1.15, 0.75,
    ],
    weekend: [
      0.6, 0.45, 0.34, 0.27, 0.23, 0.22, 0.27, 0.4, 0.62, 0.85, 1.02, 1.12, 1.18, 1.18, 1.16, 1.18, 1.24, 1.32, 1.4,
      1.46, 1.48, 1.4, 1.18, 0.85,
    ],
  },
  adoption: 0.6,
  activitySigma: 0.7,
  devices,
  access: {
    // With the 106 ms to the nearer place: 29,200 bytes in 155 ms are 1.5 Mbit/s, 15,500 are 800 kbit/s (the study's ceilings).
    rttUs: 44_000,
    radioUs: 4_000,
    downRate: 260_000,
    upRate: 140_000,
    rateSigma: 0.6,
    // The initial receive window of Linux with segments of 1460 bytes.
    downWindow: 29_200,
    upWindow: 15_500,
  },
  hosting: {
    // The study: 386 addresses in 51 networks of 24 bits, 30 of 16, 24 of 8, all of SoftLayer. Which ones it does not say.
    asn: 36_351,
    org: 'SoftLayer Technologies Inc.',
    networks: [
      ...['5.10', '23.246', '37.58', '50.22', '50.23', '50.97', '64.5', '66.228', '67.228', '74.86', '75.126'],
      ...['108.168', '119.81', '158.85', '159.8', '161.202', '168.1', '169.53', '173.192', '173.193', '174.36'],
      ...['174.37', '184.172', '184.173', '192.155', '198.23', '207.218', '208.43', '208.101', '216.185'],
    ],
    blocks: 51,
    // The study: steps at 106 and 114 ms; how much is in each it does not say.
    dataCentres: [
      { rttUs: 106_000, share: 0.55 },
      { rttUs: 114_000, share: 0.45 },
    ],
    serverSpreadUs: 400,
    queueUs: 900,
  },
  // The study: chat 150 and images 25 always on, video up to 100 and audio up to 75 at peak, at least 200 at any time.
  pools: [
    {
      class: 'chat',
      names: [...numbered('e', 1, 16, 1), ...numbered('d', 1, 9, 1), ...numbered('c', 1, 9, 1)],
      addresses: 150,
      perAnswer: 8,
      ttlS: 1800,
      alwaysOn: 34,
    },
    { class: 'image', names: numbered('mmi', 601, 25, 3), addresses: 25, perAnswer: 1, ttlS: 600, alwaysOn: 25 },
    { class: 'audio', names: numbered('mms', 801, 75, 3), addresses: 75, perAnswer: 1, ttlS: 600, alwaysOn: 12 },
    { class: 'video', names: numbered('mmv', 201, 100, 3), addresses: 100, perAnswer: 1, ttlS: 300, alwaysOn: 16 },
    { class: 'control', names: ['v.whatsapp.net'], addresses: 24, perAnswer: 6, ttlS: 300, alwaysOn: 1 },
    { class: 'web', names: ['www.whatsapp.com'], addresses: 12, perAnswer: 4, ttlS: 300, alwaysOn: 1 },
  ],
  chat: {
    gapMinutes: 3.4,
    gapSigma: 2.2,
    // The study: 2.2 messages received for one sent.
    sentPerRound: 1.5,
    receivedPerRound: 3.3,
    message: { median: 107, sigma: 0.9, least: 20, most: 2500 },
    lostShare: 0.12,
  },
  media: {
    perDay: 1,
    sentShare: 1 / 3.2,
    kinds: [
      { class: 'image', share: 0.61, content: { median: 76_000, sigma: 0.6, least: 4000, most: 1_500_000 } },
      { class: 'audio', share: 0.3, content: { median: 34_000, sigma: 0.9, least: 2000, most: 3_000_000 } },
      { class: 'video', share: 0.09, content: { median: 490_000, sigma: 0.9, least: 50_000, most: 16_000_000 } },
    ],
  },
  control: { perDay: 0.4, content: { median: 2500, sigma: 0.6, least: 500, most: 40_000 } },
  others: { perDay: 2.5, services: otherServices, namelessShare: 0.25 },
  // Times of the press, in UTC (pulse2.com, CNET); the study writes of five hours.
  outage: {
    from: '2014-02-22T19:00:00Z',
    recoversAt: '2014-02-22T22:00:00Z',
    until: '2014-02-22T22:47:00Z',
    residual: 0.05,
    firstRetryS: 30,
    lastRetryS: 900,
    giveUp: 0.08,
  },
  probeGap: { from: '2014-02-19T03:10:00Z', until: '2014-02-19T03:50:00Z' },
  dnsFailure: { from: '2014-02-20T13:00:00Z', until: '2014-02-20T13:25:00Z', servfail: 0.5, silent: 0.3 },
};
