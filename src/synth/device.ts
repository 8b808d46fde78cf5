/** The telephones of the planted operator: what their SYN looks like, and after what silence WhatsApp closes its connections. */
import { MINUTE, SECOND } from '../kit/time.ts';
import type { SynProfile } from './tcp-segments.ts';

export interface Device {
  readonly os: string;
  readonly syn: SynProfile;
  readonly ttl: number;
  /** Silence after which the chat connection is closed; one of them. Figures: the study of 2014. */
  readonly chatTimeoutsUs: readonly number[];
  /** The same for connections that carried media; 0: closed when done. */
  readonly mediaTimeoutUs: number;
  readonly userAgent: string;
  /** Share of the subscribers; an assumption. */
  readonly share: number;
}

const timestamp = [8, 10, 0, 1, 2, 3, 0, 0, 0, 0];

export const devices: readonly Device[] = [
  {
    os: 'Android',
    // Maximum segment size 1400, SACK, timestamp, window scale 6: Linux 3.
    syn: { window: 14_000, options: Uint8Array.of(2, 4, 5, 120, 4, 2, ...timestamp, 1, 3, 3, 6) },
    ttl: 64,
    chatTimeoutsUs: [10 * MINUTE, 15 * MINUTE, 24 * MINUTE],
    mediaTimeoutUs: 0,
    userAgent: 'Dalvik/1.6.0 (Linux; U; Android 4.4.2; Nexus 5 Build/KOT49H)',
    share: 0.6,
  },
  {
    os: 'iOS',
    syn: { window: 65_535, options: Uint8Array.of(2, 4, 5, 120, 1, 3, 3, 4, 1, 1, ...timestamp, 4, 2, 0, 0) },
    ttl: 64,
    chatTimeoutsUs: [3 * MINUTE],
    mediaTimeoutUs: 0,
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1',
    share: 0.25,
  },
  {
    os: 'BlackBerry',
    syn: { window: 65_535, options: Uint8Array.of(2, 4, 5, 120, 1, 1, 4, 2, 1, 1, ...timestamp) },
    ttl: 128,
    chatTimeoutsUs: [15 * MINUTE],
    mediaTimeoutUs: 90 * SECOND,
    userAgent: 'BlackBerry9900/7.1.0.523 Profile/MIDP-2.1 Configuration/CLDC-1.1',
    share: 0.08,
  },
  {
    os: 'Windows Phone',
    syn: { window: 8_192, options: Uint8Array.of(2, 4, 5, 120, 1, 3, 3, 8, 1, 1, 4, 2) },
    ttl: 128,
    chatTimeoutsUs: [10 * MINUTE],
    mediaTimeoutUs: 90 * SECOND,
    userAgent: 'Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; NOKIA; Lumia 920)',
    share: 0.07,
  },
];
