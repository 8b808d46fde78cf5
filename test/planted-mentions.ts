/** A planted capture in which addresses of subscribers are mentioned wherever a packet can mention them. */
import packet, { type Answer, type Question } from 'dns-packet';
import { Random } from '../src/kit/random.ts';
import { SECOND } from '../src/kit/time.ts';
import { parseAddress } from '../src/packet/address.ts';
import { devices } from '../src/synth/device.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { PlantedClient } from '../src/synth/planted-client.ts';
import { type Opening, play } from '../src/synth/play.ts';
import { httpPageScript, tlsPageScript } from '../src/synth/scripts.ts';
import type { TruthBook } from '../src/synth/truth.ts';
import { udpExchange } from '../src/synth/udp-exchange.ts';
import { isLocal } from './address-search.ts';

const startAt = Date.UTC(2014, 1, 18, 18) * 1000;

/** Of public addresses where the client's is, for a local end is always taken for the client. */
const resolverOf = (client: string): string => {
  const [inside, outside] = client.includes(':')
    ? (['fd00::53', '2001:db8::53'] as const)
    : (['10.0.0.53', '203.0.113.53'] as const);
  return isLocal(client) ? inside : outside;
};

/** Subscribers: of local nets, and with public addresses, of whom the last one is also called by another. */
export const mentioned = {
  caller: '10.9.9.1',
  called: '10.9.9.2',
  ipv6: 'fd00:9:9::77',
  publicIpv4: '198.51.100.78',
  publicIpv6: '2001:db8:a::78',
  exposed: '198.51.100.77',
} as const;

const reverseIpv4 = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`;
const reverseIpv6 = (address: string): string =>
  `${[...Buffer.from(parseAddress(address)!).toString('hex')].reverse().join('.')}.ip6.arpa`;

interface Talk {
  readonly client: string;
  readonly question: Question;
  readonly answers?: readonly Answer[];
}

/** Writes the capture. */
export const writeMentions = (path: string): void => {
  const random = new Random(11);
  const book: TruthBook = { flows: [], dns: [] };
  const clientOf = (address: string, i: number): PlantedClient =>
    new PlantedClient(book, address, resolverOf(address), devices[0]!, random.fork(i));
  const { caller, called, ipv6, publicIpv4, publicIpv6, exposed } = mentioned;
  const ownNames = (address: string): readonly string[] =>
    address.includes(':')
      ? [reverseIpv6(address)]
      : [reverseIpv4(address), `lb._dns-sd._udp.${reverseIpv4(address)}`, `ip-${address.replaceAll('.', '-')}.example`];

  const ask = (client: string, name: string, type: Question['type'], ...answers: Answer[]): Talk => ({
    client,
    question: { name, type },
    answers,
  });
  const hints = Buffer.concat([
    // Priority 1, the owner itself, ipv4hint (4) and ipv6hint (6): RFC 9460 7.3.
    Uint8Array.of(0, 1, 0, 0, 4, 0, 4, ...parseAddress(called)!),
    Uint8Array.of(0, 6, 0, 16, ...parseAddress(ipv6)!),
  ]);
  const ttl = 300;
  const talks: readonly Talk[] = [
    ...[caller, called, publicIpv4, publicIpv6, exposed].flatMap((client) =>
      ownNames(client).map((name) => ask(client, name, 'PTR', { name, type: 'PTR', ttl, data: name })),
    ),
    ...[called, ipv6].flatMap((other) => ownNames(other).map((name) => ask(caller, name, 'PTR'))),
    ask(caller, '9.9.10.in-addr.arpa', 'SOA'),
    ask(caller, 'printer.example', 'A', { name: 'printer.example', type: 'A', ttl, data: called }),
    ask(caller, 'camera.example', 'AAAA', { name: 'camera.example', type: 'AAAA', ttl, data: ipv6 }),
    ask(publicIpv4, 'my.example', 'A', { name: 'my.example', type: 'A', ttl, data: publicIpv4 }),
    ask(publicIpv6, 'my6.example', 'AAAA', { name: 'my6.example', type: 'AAAA', ttl, data: publicIpv6 }),
    ask(caller, 'mail.example', 'TXT', {
      name: 'mail.example',
      type: 'TXT',
      ttl,
      data: [`v=spf1 ip4:${called} ip4:${caller}/32 ip6:${ipv6} -all`],
    }),
    ask(
      caller,
      'alias.example',
      'A',
      { name: 'alias.example', type: 'CNAME', ttl, data: `host-${called.replaceAll('.', '-')}.example` },
      { name: `host-${called.replaceAll('.', '-')}.example`, type: 'A', ttl, data: called },
    ),
    ask(caller, 'service.example', 'SRV', {
      name: 'service.example',
      type: 'SRV',
      ttl,
      data: { port: 5060, target: `ip-${called.replaceAll('.', '-')}.example` },
    }),
    ask(
      caller,
      'svcb.example',
      'UNKNOWN_65' as Question['type'],
      {
        name: 'svcb.example',
        type: 'UNKNOWN_65',
        ttl,
        data: hints,
      } as unknown as Answer,
    ),
    ask(
      caller,
      'strange.example',
      'UNKNOWN_999' as Question['type'],
      {
        name: 'strange.example',
        type: 'UNKNOWN_999',
        ttl,
        data: Buffer.from(parseAddress(called)!),
      } as unknown as Answer,
    ),
  ];

  function* questions(): Generator<Opening> {
    for (const [i, { client, question, answers = [] }] of talks.entries()) {
      const at = startAt + i * SECOND;
      const path = {
        client: { address: parseAddress(client)!, port: 40_000 + i },
        server: { address: parseAddress(resolverOf(client))!, port: 53 },
        clientTtl: 63,
        serverTtl: 60,
      };
      yield udpExchange(path, [
        { at, direction: 'up', bytes: packet.encode({ type: 'query', id: i, questions: [question] }) },
        {
          at: at + 20_000,
          direction: 'down',
          bytes: packet.encode({ type: 'response', id: i, questions: [question], answers: [...answers] }),
        },
      ]);
    }
  }

  function* flows(): Generator<Opening> {
    const own = clientOf(caller, 1);
    const { device } = own;
    const page = (host: string) => httpPageScript(own.random, device, host, 30_000);
    const web = { port: 80, scenario: 'mention' };
    yield own.connect(startAt + 100 * SECOND, { ...web, server: called, port: 5222 }, page(`${called}:8080`));
    yield own.connect(startAt + 110 * SECOND, { ...web, server: '203.0.113.9' }, page(called));
    yield own.connect(startAt + 120 * SECOND, { ...web, server: '203.0.113.9' }, page(`[${ipv6}]:8080`));
    yield own.connect(
      startAt + 130 * SECOND,
      { ...web, server: '203.0.113.9' },
      page(`ip-${called.replaceAll('.', '-')}.example`),
    );
    const hello = { serverName: `10-9-9-2.whatsapp.net` };
    yield own.connect(
      startAt + 140 * SECOND,
      { ...web, port: 443, server: exposed },
      tlsPageScript(own.random, hello, 9000),
    );
    for (const [i, client] of [publicIpv4, exposed].entries()) {
      const visitor = clientOf(client, 2 + i);
      yield visitor.connect(startAt + (150 + i) * SECOND, { ...web, server: '203.0.113.9' }, page(`${client}.example`));
    }
    const six = clientOf(ipv6, 9);
    yield six.connect(startAt + 160 * SECOND, { ...web, server: '2001:db8:cd::40' }, page(`[${ipv6}]`));
  }

  writePcap(path, play([questions(), flows()]));
};
