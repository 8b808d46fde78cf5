/** The hard cases of naming and of connections, each planted once, on a client of its own. */
import { HOUR, MINUTE, SECOND } from '../kit/time.ts';
import { type DnsRecord, mixCase } from './dns-message.ts';
import { opaque } from './payload.ts';
import type { Destination, PlantedClient } from './planted-client.ts';
import type { Opening } from './play.ts';
import { httpPageScript, type Script, tlsOpening, tlsPageScript } from './scripts.ts';

/** A port that no protocol hint claims: only the resolver's answer can name these flows. */
const OPAQUE_PORT = 8444;
const SHARED = '203.0.113.40';
const LATENCY_US = 20_000;

const opaqueScript: Script = {
  turns: [
    { direction: 'up', payload: opaque(100) },
    { direction: 'down', payload: opaque(5000), afterUs: 1000 },
  ],
  close: { by: 'up', how: 'fin', afterUs: 1000 },
};

const a = (name: string, data: string, ttlS: number): DnsRecord => ({ name, type: 'A', data, ttlS });

const ask = (client: PlantedClient, at: number, name: string, server: string, ttlS: number): Opening =>
  client.ask(at, { name, latencyUs: LATENCY_US, answers: [a(name, server, ttlS)] });

const connect = (client: PlantedClient, at: number, scenario: string, server: string, more?: Partial<Destination>) =>
  client.connect(at, { server, port: OPAQUE_PORT, scenario, ...more }, opaqueScript);

type PlantedCase = (client: PlantedClient, at: number) => Generator<Opening>;

const whatsappChat = { port: 5222, service: 'whatsapp', class: 'chat' } as const;

/** Each case is given a client of its own and the time to begin. */
export const plantedCases: readonly PlantedCase[] = [
  function* sharedAddress(client, at) {
    yield ask(client, at, 'one.shared.example', SHARED, 300);
    yield connect(client, at + SECOND, 'shared-address', SHARED);
    yield ask(client, at + 2 * SECOND, 'two.shared.example', SHARED, 300);
    yield connect(client, at + 3 * SECOND, 'shared-address', SHARED);
    yield ask(client, at + 4 * SECOND, 'one.shared.example', SHARED, 300);
    yield connect(client, at + 5 * SECOND, 'shared-address', SHARED);
  },

  function* expiry(client, at) {
    const ttlS = 60;
    const expiresAt = at + LATENCY_US + ttlS * SECOND;
    yield ask(client, at, 'short.lived.example', '203.0.113.41', ttlS);
    for (const connectAt of [expiresAt, expiresAt + 1, expiresAt + HOUR, expiresAt + HOUR + 1]) {
      yield connect(client, connectAt, 'expiry', '203.0.113.41');
    }
  },

  function* zeroTtl(client, at) {
    yield ask(client, at, 'no.cache.example', '203.0.113.42', 0);
    yield connect(client, at + LATENCY_US + 1, 'zero-ttl', '203.0.113.42');
  },

  function* answerAfterFlow(client, at) {
    const name = 'late.answer.example';
    yield client.ask(at, { name, latencyUs: SECOND, answers: [a(name, '203.0.113.43', 300)] });
    yield connect(client, at + SECOND / 2, 'answer-after-flow', '203.0.113.43');
    yield connect(client, at + 2 * SECOND, 'answer-before-flow', '203.0.113.43');
  },

  function* neighbourAsks(client, at) {
    yield ask(client, at, 'private.matter.example', '203.0.113.44', 300);
  },

  function* neighbourConnects(client, at) {
    yield connect(client, at + 5 * SECOND, 'other-clients-answer', '203.0.113.44');
  },

  function* foreignAlias(client, at) {
    const name = 'v.whatsapp.net';
    const server = '203.0.113.45';
    yield client.ask(at, {
      name,
      latencyUs: LATENCY_US,
      answers: [
        { name, type: 'CNAME', data: 'whatsapp.delivery.example', ttlS: 3600 },
        { name: 'whatsapp.delivery.example', type: 'CNAME', data: 'edge7.delivery.example', ttlS: 30 },
        a('edge7.delivery.example', server, 120),
      ],
    });
    yield connect(client, at + SECOND, 'foreign-alias', server, { service: 'whatsapp', class: 'control' });
  },

  function* dnsOverTcp(client, at) {
    const name = 'e9.whatsapp.net';
    const answers = Array.from({ length: 40 }, (_, i) => a(name, `158.85.100.${i + 1}`, 1200));
    yield client.ask(at, { name, latencyUs: LATENCY_US, truncated: true, edns: false, scenario: 'truncated' });
    // Cut inside the length, and inside a record.
    yield client.askOverTcp(at + 30_000, { name, latencyUs: 3000, answers }, [1, 300]);
    yield connect(client, at + 2 * SECOND, 'after-dns-over-tcp', '158.85.100.17', whatsappChat);
  },

  function* refused(client, at) {
    yield ask(client, at, 'e3.whatsapp.net', '184.173.140.9', 1800);
    const destination = { server: '184.173.140.9', scenario: 'refused', ...whatsappChat };
    yield client.failToConnect(at + SECOND, destination, 'refused');
    yield client.failToConnect(at + 2 * SECOND, { ...destination, scenario: 'unanswered' }, 'unanswered');
  },

  function* reset(client, at) {
    yield ask(client, at, 'e4.whatsapp.net', '184.173.140.10', 1800);
    const destination = { server: '184.173.140.10', ...whatsappChat };
    for (const [i, by] of (['up', 'down'] as const).entries()) {
      const script = { ...opaqueScript, close: { by, how: 'rst', afterUs: 3 * SECOND } } as const;
      yield client.connect(at + SECOND + i * MINUTE, { ...destination, scenario: `reset-${by}` }, script);
    }
  },

  function* leftOpen(client, at) {
    yield ask(client, at, 'e5.whatsapp.net', '184.173.140.11', 1800);
    const destination = { server: '184.173.140.11', scenario: 'left-open', ...whatsappChat };
    yield client.connect(at + SECOND, destination, { turns: opaqueScript.turns });
  },

  function* failedQuestions(client, at) {
    yield client.ask(at, { name: 'no.such.example', rcode: 'NXDOMAIN', latencyUs: LATENCY_US });
    yield client.ask(at + SECOND, { name: 'broken.example', rcode: 'SERVFAIL', latencyUs: LATENCY_US });
    yield client.ask(at + 2 * SECOND, { name: 'silent.example', retries: 2 });
    const answers = [a('second.try.example', '203.0.113.46', 300)];
    yield client.ask(at + 20 * SECOND, { name: 'second.try.example', retries: 1, latencyUs: LATENCY_US, answers });
  },

  function* mixedCase(client, at) {
    const name = 'mixed.case.example';
    const spelling = mixCase(name, client.random);
    const answers = [a(spelling, '203.0.113.47', 300)];
    yield client.ask(at, { name, spelling, edns: true, latencyUs: LATENCY_US, answers });
    yield connect(client, at + SECOND, 'mixed-case', '203.0.113.47');
  },

  function* encryptedHello(client, at) {
    const name = 'hidden.site.example';
    const ech = client.random.bytes(70);
    yield client.ask(at, {
      name,
      type: 'HTTPS',
      latencyUs: LATENCY_US,
      answers: [{ name, type: 'HTTPS', ttlS: 300, alpn: ['h2', 'http/1.1'], ech }],
    });
    yield ask(client, at + SECOND, name, '203.0.113.48', 300);
    // The name in the clear is the one of the provider that all its sites share.
    const hello = { serverName: 'public.provider.example', alpn: ['h2'], echBytes: 200 };
    const destination = { server: '203.0.113.48', port: 443, outerSni: hello.serverName, scenario: 'encrypted-hello' };
    yield client.connect(at + 2 * SECOND, destination, tlsPageScript(client.random, hello, 3000));
  },

  function* splitHello(client, at) {
    const hello = { serverName: 'mmi777.whatsapp.net', alpn: ['h2', 'http/1.1'], grease: true };
    const destination = {
      server: '174.36.211.20',
      port: 443,
      sni: hello.serverName,
      service: 'whatsapp',
      class: 'image',
      scenario: 'split-hello',
    };
    const script = { turns: tlsOpening(client.random, hello, 60), close: opaqueScript.close! };
    yield client.connect(at, destination, script);
  },

  function* plainHttp(client, at) {
    const name = 'www.plain.example';
    yield ask(client, at, name, '198.51.100.7', 300);
    const destination = { server: '198.51.100.7', port: 80, host: name, vlan: 42, scenario: 'http' };
    yield client.connect(at + SECOND, destination, httpPageScript(client.random, client.device, name, 20_000));
  },
];

/** The case of a client that speaks IPv6 alone. */
export const ipv6Case: PlantedCase = function* (client, at) {
  const name = 'six.shared.example';
  const server = '2001:db8:cd::40';
  const answers: DnsRecord[] = [{ name, type: 'AAAA', data: server, ttlS: 300 }];
  yield client.ask(at, { name, type: 'AAAA', latencyUs: LATENCY_US, answers });
  yield connect(client, at + SECOND, 'ipv6', server);
};
