import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Catalog, firstHolding } from './catalog.ts';
import { loadRuleFiles } from './load-rule-files.ts';
import { acceptsName, compilePattern, type Pattern } from './pattern.ts';

const files = loadRuleFiles([fileURLToPath(new URL('../../services/', import.meta.url))]);
const catalog = new Catalog(files);
const year = (y: number): number => Date.UTC(y, 5, 1) * 1000;
const owner = (name: string, at: number): string => {
  const rule = catalog.match(name, at, 443, 'tcp');
  return rule === undefined ? '' : `${rule.service} ${rule.class}`;
};

describe('the services that come with Sonde', () => {
  test('are more than 25, a file each that is called as they are', () => {
    expect(files.length).toBeGreaterThanOrEqual(25);
    expect(catalog.files.map(({ file }) => file)).toEqual(catalog.files.map(({ service }) => `${service}.yaml`));
    expect(new Set(catalog.files.map(({ title }) => title)).size).toBe(files.length);
  });

  test.each(files.flatMap(({ rules }) => rules.map((rule) => [rule.rule, rule] as const)))(
    '%s: each pattern has an example, and each example is won by its rule',
    (_, rule) => {
      for (const { kind, text } of rule.patterns) {
        const pattern = compilePattern(kind, text) as Pattern;
        expect(rule.examples.filter((example) => acceptsName(pattern, example))).not.toEqual([]);
        // One that hangs higher in the tree of labels is tried on the names of half the world.
        expect(pattern.tail.length).toBeGreaterThanOrEqual(2);
      }
      for (const example of rule.examples) expect(catalog.matchesOf(example)[0]).toBe(rule);
    },
  );
});

describe('names of WhatsApp seen in captures and lists', () => {
  const numbered = (from: number, to: number, name: (n: number) => string): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => name(from + i));

  test.each([
    [2014, 'c1.whatsapp.net', 'chat'],
    [2014, 'd7.whatsapp.net', 'chat'],
    [2014, 'mmi2.whatsapp.net', 'image'],
    [2014, 'mmi437.whatsapp.net', 'image'],
    [2014, 'mms123.whatsapp.net', 'audio'],
    [2014, 'mmv123.whatsapp.net', 'video'],
    [2014, 'mm2.whatsapp.net', 'media'],
    [2015, 'e7.whatsapp.net', 'chat'],
    [2015, 'e12.whatsapp.net', 'chat'],
    [2015, 'e13.whatsapp.net', 'chat'],
    [2018, 'mmg-fna.whatsapp.net', 'media'],
    [2019, 'g.whatsapp.net', 'chat'],
    [2019, 'chat.cdn.whatsapp.net', 'chat'],
    [2019, 'pps.whatsapp.net', 'image'],
    [2019, 'mmx-ds.cdn.whatsapp.net', 'media'],
    [2019, 'media-mxp1-1.cdn.whatsapp.net', 'media'],
    [2023, 'media.fmct2-1.fna.whatsapp.net', 'media'],
    [2023, 'web.whatsapp.com', 'web'],
    [2023, 'whatsapp.com', 'web'],
    [2023, 'wa.me', 'web'],
    [2023, 'v.whatsapp.net', 'control'],
    [2023, 'whatsapp.net', 'other'],
    ...numbered(1, 9, (n) => `w${n}.web.whatsapp.com`).map((name) => [2023, name, 'web'] as const),
    ...numbered(1, 16, (n) => `e${n}.whatsapp.net`).map((name) => [2020, name, 'chat'] as const),
  ] as const)('%i %s is %s', (when, name, expected) => {
    expect(owner(name, year(when))).toBe(`whatsapp ${expected}`);
  });

  test.each([
    'evilwhatsapp.net',
    'whatsapp.net.evil.example',
    'e13.whatsapp.net.evil.example',
    'e13-whatsapp.net',
    'xwhatsapp.com',
    'notwa.me',
    'whatsapp',
    'net',
    'wa-me.example',
    'e13.whatsapp.network',
  ])('%s is not WhatsApp', (name) => {
    expect(owner(name, year(2020))).toBe('');
  });

  test.each(['evil.whatsapp.net', 'e123.whatsapp.net', 'x.e13.whatsapp.net', 'mmix.whatsapp.net', 'g.x.whatsapp.net'])(
    '%s is WhatsApp, but of no known kind',
    (name) => {
      expect(owner(name, year(2020))).toBe('whatsapp other');
    },
  );
});

describe('names of the other services seen in captures', () => {
  test.each([
    ['photos-h.ak.instagram.com', 'instagram image'],
    ['igcdn-photos-h-a.akamaihd.net', 'instagram image'],
    ['telegraph-ash.instagram.com', 'instagram control'],
    ['i.instagram.com', 'instagram control'],
    ['scontent-mxp1-1.cdninstagram.com', 'instagram media'],
    ['star.c10r.facebook.com', 'facebook web'],
    ['www.facebook.com', 'facebook web'],
    ['s-static.ak.facebook.com', 'facebook web'],
    ['graph.facebook.com', 'facebook control'],
    ['textsecure-service.whispersystems.org', 'signal chat'],
    ['cdn.signal.org', 'signal media'],
    ['itunes.apple.com', 'apple download'],
    ['p53-buy.itunes.apple.com', 'apple download'],
    ['mesu.apple.com', 'apple download'],
    ['captive.apple.com', 'apple control'],
    ['query.ess.apple.com', 'apple control'],
    ['nlams2-edge-bx-003.ts.apple.com', 'apple control'],
    ['gspe35-ssl.ls.apple.com', 'apple maps'],
    ['cl4.apple.com', 'apple other'],
    ['p26-fmfmobile.icloud.com', 'icloud control'],
    ['p26-keyvalueservice.icloud.com', 'icloud control'],
    ['gateway.icloud.com', 'icloud control'],
    ['www.icloud.com', 'icloud web'],
    ['mtalk.google.com', 'google push'],
    ['alt2-mtalk.google.com', 'google push'],
    ['android.clients.google.com', 'google control'],
    ['connectivitycheck.gstatic.com', 'google control'],
    ['semanticlocation-pa.googleapis.com', 'google control'],
    ['proxy.googlezip.net', 'google relay'],
    ['datasaver.googleapis.com', 'google relay'],
    ['www.googletagmanager.com', 'google ads'],
    ['app-measurement.com', 'google ads'],
    ['maps.google.com', 'google maps'],
    ['beacons3.gvt2.com', 'google control'],
    ['ssl.gstatic.com', 'google web'],
    ['www.google.it', 'google web'],
    ['www.google.com', 'google web'],
    ['play.google.com', 'google-play web'],
    ['play.googleapis.com', 'google-play control'],
    ['turn.l.google.com', 'google-meet control'],
    ['r1---sn-5f5nxgvh5o-hjul.googlevideo.com', 'youtube video'],
    ['rr4---sn-5hne6nzy.googlevideo.com', 'youtube video'],
    ['upload.video.google.com', 'youtube video'],
    ['s.ytimg.com', 'youtube image'],
    ['www.youtube.com', 'youtube web'],
    ['mozilla.cloudflare-dns.com', 'encrypted-dns doh'],
    ['dns.google', 'encrypted-dns doh'],
    ['dns.google.com', 'encrypted-dns doh'],
    ['booking.loco.kakao.com', 'kakaotalk chat'],
    ['katalk.kakao.com', 'kakaotalk control'],
    ['up-p.talk.kakao.com', 'kakaotalk image'],
    ['up-gp.talk.kakao.com', 'kakaotalk media'],
    ['dn-l.talk.kakao.com', 'kakaotalk media'],
    ['ac-talk.gl.kakao.com', 'kakaotalk web'],
    ['uts-front.line-apps.com', 'line control'],
    ['dl-media.viber.com', 'viber media'],
    ['media.cdn.viber.com', 'viber media'],
    ['feelinsonice-hrd.appspot.com', 'snapchat chat'],
    ['gcp.api.snapchat.com', 'snapchat chat'],
    ['app-analytics-v2.snapchat.com', 'snapchat control'],
    ['zoomfrn99mmr.zoom.us', 'zoom video'],
    ['zoomam104zc.zoom.us', 'zoom video'],
    ['log.zoom.us', 'zoom control'],
    ['telemetry.dropbox.com', 'dropbox control'],
    ['i.scdn.co', 'spotify image'],
    ['platform.twitter.com', 'x web'],
    ['en.wikipedia.org', 'wikipedia web'],
    ['upload.wikimedia.org', 'wikipedia image'],
    ['download.windowsupdate.com', 'windows-update download'],
    ['login.live.com', 'microsoft365 control'],
    ['by2msg3020211.gateway.edge.messenger.live.com', ''],
  ])('%s: %s', (name, expected) => {
    expect(owner(name, year(2019))).toBe(expected);
  });

  test.each([
    'fbcdn-photos-h-a.akamaihd.net',
    'e6987.e9.akamaiedge.net',
    'd1fje9gm3d05t8.cloudfront.net',
    'storage.googleapis.com',
    'example.appspot.com',
    '34.64.4.34.bc.googleusercontent.com',
    'in2-gw2-04-ede6f06e.eastus2.cloudapp.azure.com',
    'conn-service-eu-04.allawnos.com.akamaized.net',
    'www.qq.com',
    'performance.radar.cloudflare.com',
    'y.ssl.global.fastly.net',
  ])('%s belongs to whoever rents there, and to no service', (name) => {
    expect(owner(name, year(2019))).toBe('');
  });

  test('x.com was of others before Twitter took its name', () => {
    expect(owner('x.com', year(2019))).toBe('');
    expect(owner('x.com', year(2024))).toBe('x web');
  });
});

describe('ports of the other services seen in captures', () => {
  test.each([
    ['Telegram, calls', 'udp', 533, 59930, 'telegram voice'],
    ['Telegram, messages', 'tcp', 443, 62041, 'telegram chat'],
    ['Threema, messages', 'tcp', 5222, 29691, 'threema chat'],
    ['Viber, messages', 'tcp', 4244, 16509, 'viber chat'],
    ['Viber, calls', 'udp', 7985, 16509, 'viber voice'],
    ['Zoom, media', 'udp', 8801, 30103, 'zoom video'],
    ['Meet, media', 'udp', 3478, 15169, 'google-meet video'],
    ['Android, push', 'tcp', 5228, 15169, 'google push'],
    ['DNS over TLS at Google', 'tcp', 853, 15169, 'encrypted-dns dot'],
    ['HTTPS at Google', 'tcp', 443, 15169, ''],
    ['STUN at Amazon', 'udp', 3478, 16509, ''],
    ['5222 at Amazon', 'tcp', 5222, 16509, ''],
  ] as const)('%s', (_, protocol, port, asn, expected) => {
    const rule = firstHolding(catalog.nameless.ofPort(port), year(2020), port, protocol, asn);
    expect(rule === undefined ? '' : `${rule.service} ${rule.class}`).toBe(expected);
  });
});
