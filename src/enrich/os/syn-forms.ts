/** By which SYN a system is known: initial TTL, window and scale, and the order of the options. Facts, each with its source. */
import type { OsName } from './os-set.ts';

export interface SynForm {
  /** Options in their order, as `syn_signature` writes them, without TCP Fast Open at their end; one of these. */
  readonly layouts: readonly string[];
  readonly ttl?: number;
  /** As `syn_signature` writes them; one of these. `mss*most`: as many segments as the field has room for. */
  readonly windows?: readonly string[];
  /** The least and the largest window scale. */
  readonly scales?: readonly [number, number];
  /** Those that send such a SYN. */
  readonly systems: readonly OsName[];
  /** How that is known. */
  readonly source: string;
}

/** Linux: with timestamps, with timestamps that a box on the way overwrote or took out, and without. */
const linux = [
  'mss,sok,ts,nop,ws',
  `mss,sok,${'nop,'.repeat(11)}ws`,
  'mss,sok,nop,nop,nop,ws',
  'mss,nop,nop,sok,nop,ws',
];
/** Apple: without the end where a cookie for fast open followed. */
const apple = ['mss,nop,ws,nop,nop,ts,sok,eol+1', 'mss,nop,ws,nop,nop,ts,sok'];
const windows = ['mss,nop,ws,nop,nop,sok'];
const windowsUnscaled = ['mss,nop,nop,sok'];
const freeBsd = ['mss,nop,ws,sok,ts'];

/** The first one that fits holds: what is special stands before what is general. */
export const synForms: readonly SynForm[] = [
  // Linux sends a whole number of segments, by its version 4, 10, 20 or 44; which scale depends on the largest buffer.
  {
    layouts: linux,
    windows: ['65535'],
    systems: ['Android'],
    source:
      'Android sets net.tcp.default_init_rwnd to 60 segments (since 4.4), more than the field holds; captures android, conncheck, googledns_android10, snapchat, threema, viber, whatsapp of nDPI. A server with tuned buffers looks alike.',
  },
  {
    layouts: linux,
    windows: ['mss*10'],
    scales: [0, 6],
    systems: ['Android'],
    source:
      'Linux 2.6.39 to 3.10 with buffers of at most 2 MiB, as Android set them by radio technology (net.tcp.buffersize.*) where a computer of 512 MB has 4 MiB and scale 7; captures instagram, whatsapp_voice_and_message, KakaoTalk_chat of nDPI. A router with little memory looks alike.',
  },
  {
    layouts: linux,
    windows: ['mss*44'],
    scales: [0, 3],
    systems: ['Android'],
    source: 'Android 2 (published with p0f 3).',
  },
  {
    layouts: linux,
    windows: ['mss*20', 'mss*44', 'mss*most'],
    systems: ['Linux'],
    source:
      'Linux 3.11 to 4.19, and 4.20 and later, with their own defaults; Androids of these versions set another window. Captures http_ipv6, dns_dot, http of nDPI.',
  },
  {
    layouts: linux,
    systems: ['Android', 'Linux'],
    source: 'Order of options of the Linux kernel, whatever runs on it.',
  },

  {
    layouts: apple,
    windows: ['65535'],
    scales: [2, 2],
    systems: ['iOS'],
    source: 'iPhone OS to 6 (published with p0f 3).',
  },
  {
    layouts: apple,
    windows: ['65535'],
    scales: [1, 1],
    systems: ['macOS'],
    source: 'Mac OS X 10.4 and 10.5; capture tls-conn-with-extensions of Zeek.',
  },
  {
    layouts: apple,
    windows: ['65535'],
    scales: [3, 3],
    systems: ['macOS'],
    source: 'Mac OS X 10.6 to 10.8; capture 100-continue of Zeek.',
  },
  {
    layouts: apple,
    systems: ['iOS', 'macOS'],
    source: 'Telephones and computers of Apple send the same SYN; captures iphone and zoom of nDPI.',
  },

  {
    layouts: windows,
    windows: ['8192'],
    scales: [0, 8],
    systems: ['Windows', 'Windows Phone'],
    source: 'Windows Vista to 8.1, and Windows Phone 8, which has their kernel; captures of suricata-verify.',
  },
  {
    layouts: windows,
    scales: [8, 8],
    systems: ['Windows'],
    source: 'Windows 10 and later; captures http-proxy, http_asymmetric, line of nDPI.',
  },
  { layouts: windows, ttl: 128, systems: ['Windows'], source: 'Windows 2000 and later, with settings of any kind.' },
  {
    layouts: windowsUnscaled,
    ttl: 128,
    systems: ['Windows'],
    source: 'Windows 2000 and XP; captures of suricata-verify.',
  },
  { layouts: freeBsd, ttl: 128, systems: ['Windows'], source: 'Windows with timestamps switched on.' },

  {
    layouts: ['mss,nop,nop,sok,nop,nop,ts'],
    ttl: 128,
    systems: ['BlackBerry'],
    source: 'BlackBerry OS to 7 (published with p0f 3).',
  },
  { layouts: freeBsd, ttl: 64, systems: ['FreeBSD'], source: 'FreeBSD 8 and later (published with p0f 3).' },
  {
    layouts: ['mss,nop,nop,sok,nop,ws,nop,nop,ts'],
    ttl: 64,
    systems: ['OpenBSD'],
    source: 'OpenBSD 3 to 6 (published with p0f 3).',
  },
];
