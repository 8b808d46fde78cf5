/** What presets are put together from: numbered names, pools, contents, telephones, and the rhythm of a day. */
import { MINUTE, SECOND } from '../../kit/time.ts';
import { type Device, devices } from '../device.ts';
import { otherServices } from './other-services.ts';
import type { Content, OtherService, Pool } from './preset.ts';

type Telephone = readonly [share: number, chatTimeoutMinutes: readonly number[], mediaTimeoutS: number];

/** The telephones of 2014 with other shares and time-outs, in the order of `devices`. */
export const telephones = (...kinds: readonly Telephone[]): readonly Device[] =>
  kinds.map(([share, chatTimeoutMinutes, mediaTimeoutS], i) => ({
    ...devices[i]!,
    share,
    chatTimeoutsUs: chatTimeoutMinutes.map((minutes) => minutes * MINUTE),
    mediaTimeoutUs: mediaTimeoutS * SECOND,
  }));

/** The other services as if seen from elsewhere: `shift` hands shares on in their list, `farther` adds to their RTT. */
export const elsewhere = (shift: number, farther: number): readonly OtherService[] =>
  otherServices.map((service, i) => ({
    ...service,
    rttUs: service.rttUs + farther,
    share: otherServices[(i + shift) % otherServices.length]!.share,
  }));

export const pool = (
  name: string,
  names: readonly string[],
  addresses: number,
  alwaysOn: number,
  ttlS: number,
): Pool => {
  const perAnswer = Math.min(8, Math.ceil(addresses / names.length));
  return { class: name, names, addresses, perAnswer, ttlS, alwaysOn };
};

export const content = (median: number, sigma: number, least: number, most: number): Content => ({
  median,
  sigma,
  least,
  most,
});

/** Busy around an hour of the day, and as much less in between as `depth` says, from 0 to 1. */
export const wave = (peakHour: number, depth: number): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => 1 + depth * Math.cos((2 * Math.PI * (hour - peakHour)) / 24));

/** Names of the scheme of 2014, numbered from `first` on. */
export const numbered = (prefix: string, first: number, count: number, digits: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(first + i).padStart(digits, '0')}.whatsapp.net`);
