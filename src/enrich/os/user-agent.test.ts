import fc from 'fast-check';
import { expect, test } from 'vitest';
import { osText } from './os-set.ts';
import { parseUserAgent } from './user-agent.ts';

const read = (text: string): readonly [string, string] => {
  const { systems, device } = parseUserAgent(text);
  return [osText(systems), device];
};

test.each([
  // WhatsApp itself.
  ['WhatsApp/2.11.16 iPhone_OS/8.1 Device/iPhone_6', 'iOS', 'iPhone 6'],
  ['WhatsApp/2.12.250 Android/5.0 Device/Samsung-SM-G900F', 'Android', 'Samsung-SM-G900F'],
  ['WhatsApp/2.12.38 S40Version/14.26 Device/Nokia302', 'S40', 'Nokia302'],
  ['WhatsApp/2.11.670 WP7/8.10.12393 Device/NOKIA-RM-976', 'Windows Phone', 'NOKIA-RM-976'],
  ['WhatsApp/2.23.20.0 A', 'Android', ''],
  ['WhatsApp/2.22.20.72 i', 'iOS', ''],
  ['WhatsApp/2.2108.8 N', 'unknown', ''],
  // Telephones.
  ['Dalvik/1.6.0 (Linux; U; Android 4.4.2; Nexus 5 Build/KOT49H)', 'Android', 'Nexus 5'],
  ['Dalvik/1.6.0 (Linux; U; Android 4.4.4; MI 3W MIUI/V6.4.3.0.KXDMICB)', 'Android', 'MI 3W MIUI/V6.4.3.0.KXDMICB'],
  [
    'Mozilla/5.0 (Linux; Android 9; Nokia 2.2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.93 Mobile Safari/537.36',
    'Android',
    'Nokia 2.2',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
    'Android',
    '',
  ],
  [
    'Mozilla/5.0 (Linux; U; Android 2.3.6; en-us; GT-S5830 Build/GINGERBREAD) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1',
    'Android',
    'GT-S5830',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36',
    'Android',
    '',
  ],
  ['Mozilla/5.0 (Android 4.4; Mobile; rv:41.0) Gecko/41.0 Firefox/41.0', 'Android', ''],
  [
    'Instagram 7.1.1 Android (19/4.4.2; 480dpi; 1080x1920; samsung; GT-I9505; jflte; qcom; it_IT)',
    'Android',
    'samsung GT-I9505',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) Version/7.0 Mobile/11B554a Safari/9537.53',
    'iOS',
    'iPhone',
  ],
  ['Instagram 10.3 (iPhone7,2; iPhone OS 9_3_5; de_DE; de-DE; scale=2.00; 750x1334)', 'iOS', 'iPhone7,2'],
  ['SomeApp/3.1 (iPad; iOS 14.4; Scale/2.00)', 'iOS', 'iPad'],
  [
    'Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)',
    'Windows Phone',
    'NOKIA Lumia 920',
  ],
  [
    'Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 635) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537',
    'Windows Phone',
    'NOKIA Lumia 635',
  ],
  [
    'Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063',
    'Windows Phone',
    'Microsoft Lumia 950',
  ],
  ['Mozilla/5.0 (Mobile; Windows Phone 8.1; Trident/7.0; rv:11.0; IEMobile/11.0) like Gecko', 'Windows Phone', ''],
  ['BlackBerry9900/7.1.0.523 Profile/MIDP-2.1 Configuration/CLDC-1.1', 'BlackBerry', 'BlackBerry 9900'],
  ['Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372', 'BlackBerry', ''],
  ['Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 Nokia5800d-1/50.0.005; Profile/MIDP-2.1)', 'Symbian', 'Nokia5800d-1'],
  ['Nokia302/5.0 (14.26) Profile/MIDP-2.1 Series40/1.0', 'S40', 'Nokia302'],
  ['Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5', 'KaiOS', 'Nokia 8110 4G'],
  // Computers.
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:91.0) Gecko/20100101 Firefox/91.0', 'Windows', ''],
  ['Mozilla/4.0 (compatible; MSIE 6.0; Windows 98)', 'Windows', ''],
  ['Microsoft-CryptoAPI/6.1', 'Windows', ''],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:109.0) Gecko/20100101 Firefox/117.0', 'macOS', ''],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.1 Safari/605.1.15',
    'iOS or macOS',
    '',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36',
    'macOS',
    '',
  ],
  ['curl/7.24.0 (x86_64-apple-darwin12.0) libcurl/7.24.0 OpenSSL/0.9.8y zlib/1.2.5', 'macOS', ''],
  ['Mail/53 CFNetwork/596.5 Darwin/12.5.0 (x86_64) (MacBookPro11%2C1)', 'macOS', ''],
  ['Weather/1.0 CFNetwork/672.0.8 Darwin/14.0.0', 'iOS or macOS', ''],
  ['CaptiveNetworkSupport-390.60.1 wispr', 'iOS or macOS', ''],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0', 'Linux', ''],
  ['Mozilla/5.0 (X11; CrOS armv7l 3701.81.0) AppleWebKit/537.31', 'Linux', ''],
  ['Wget/1.16.3 (linux-gnu)', 'Linux', ''],
  ['curl/7.19.7 (x86_64-redhat-linux-gnu) libcurl/7.19.7', 'Linux', ''],
  ['Mozilla/5.0 (X11; FreeBSD amd64; rv:109.0) Gecko/20100101 Firefox/115.0', 'FreeBSD', ''],
  // Those that say nothing, or of which the words are another's.
  ['curl/7.43.0', 'unknown', ''],
  ['okhttp/3.12.1', 'unknown', ''],
  ['', 'unknown', ''],
  [
    'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'unknown',
    '',
  ],
])('%s', (text, os, device) => {
  expect(read(text)).toEqual([os, device]);
});

test('any text is read, and a long one not longer than a short one', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(parseUserAgent(text).systems).toBeGreaterThan(0);
    }),
  );
  const startedAt = process.cpuUsage().user;
  parseUserAgent(`Windows Phone${'; IEMobile/1'.repeat(100_000)}`);
  parseUserAgent('Android 4; '.repeat(100_000));
  expect(process.cpuUsage().user - startedAt).toBeLessThan(1e6);
});
