/** Writes the trace that benchmarks read: names asked, TLS, HTTP and QUIC connections, whole handshakes; bulk content is cut off unless it is wanted. */
import { Random } from '../dist/kit/random.js';
import { parseAddress } from '../dist/packet/address.js';
import { devices } from '../dist/synth/device.js';
import { toDnsMessage } from '../dist/synth/dns-message.js';
import { toHttpRequest, toHttpResponse } from '../dist/synth/http-message.js';
import { literal, opaque, tlsRecords } from '../dist/synth/payload.js';
import { writePcap } from '../dist/synth/pcap-writer.js';
import { play } from '../dist/synth/play.js';
import { quicConnection } from '../dist/synth/quic-connection.js';
import { tlsOpening } from '../dist/synth/scripts.js';
import { tcpConnection } from '../dist/synth/tcp-connection.js';
import { udpExchange } from '../dist/synth/udp-exchange.js';

const SEED = 20140218;
const START = Date.UTC(2014, 1, 18, 18) * 1000;
const VISITS = 64;
const MEAN_PAUSE_US = 30_000_000;
const GENERATION_US = VISITS * MEAN_PAUSE_US;
const BULK_SNAPLEN = 24;
const SITES = 4000;
const IPV6_SHARE = 0.1;
const HTTP_SHARE = 0.18;
const QUIC_SHARE = 0.1;
const LOSS_SHARE = 0.004;
const SWAP_SHARE = 0.002;

const siteName = (site) => `host${site % 7}.site${site}.example`;
const siteAddress = (site, isIpv6) =>
  isIpv6 ? `2001:db8:5::${(site + 1).toString(16)}` : `198.${18 + (site >> 11)}.${(site >> 3) & 255}.${1 + (site & 7)}`;

const downloadOf = (random) => ({
  bytes: Math.round(Math.min(3_000_000, random.logNormal(12_500, 1.33))),
  bytesPerSecond: random.logNormal(150_000, 0.8),
});

const httpTurns = (random, name, device) => {
  const { bytes, bytesPerSecond } = downloadOf(random);
  return [
    { direction: 'up', payload: literal(toHttpRequest(name, '/', device.userAgent)) },
    { direction: 'down', payload: literal(toHttpResponse('text/html', bytes)), afterUs: 5000 },
    { direction: 'down', payload: opaque(bytes), bytesPerSecond },
  ];
};

const tlsTurns = (random, name) => {
  const { bytes, bytesPerSecond } = downloadOf(random);
  return [
    ...tlsOpening(random, { serverName: name, alpn: ['h2', 'http/1.1'], grease: true }),
    { direction: 'up', payload: tlsRecords(400) },
    { direction: 'down', payload: tlsRecords(bytes), afterUs: 5000, bytesPerSecond },
  ];
};

const quicTurns = (random) => {
  const { bytes, bytesPerSecond } = downloadOf(random);
  return [
    { direction: 'up', payload: opaque(400) },
    { direction: 'down', payload: opaque(bytes), afterUs: 5000, bytesPerSecond },
  ];
};

/** What follows the answer of the resolver. */
const connectionOf = (random, script, name, device) => {
  const kind = random.unit();
  const serverPort = kind < HTTP_SHARE ? 80 : 443;
  const { path } = script;
  const full = { ...script, path: { ...path, server: { ...path.server, port: serverPort } } };
  if (kind >= 1 - QUIC_SHARE) {
    return quicConnection({ ...full, hello: { serverName: name, alpn: ['h3'] }, turns: quicTurns(random), random });
  }
  return tcpConnection({
    ...full,
    turns: serverPort === 80 ? httpTurns(random, name, device) : tlsTurns(random, name),
    close: { by: 'down', how: 'fin', afterUs: 100_000 },
    syn: device.syn,
    faults: { random, lossShare: LOSS_SHARE, swapShare: SWAP_SHARE },
  });
};

/** One client after the other question and connection; its stub resolver keeps one port. */
function* clientLife(client, startAt, random, bulkSnaplen) {
  const isIpv6 = random.chance(IPV6_SHARE);
  const device = random.weighted(devices, ({ share }) => share);
  const address = parseAddress(
    isIpv6 ? `2001:db8:c::${(client + 1).toString(16)}` : `10.${client >> 8}.${client & 255}.9`,
  );
  const resolver = { address: parseAddress(isIpv6 ? '2001:db8::53' : '10.255.0.53'), port: 53 };
  const common = { clientTtl: device.ttl - 1, serverTtl: 52, bulkSnaplen };
  let at = startAt + random.between(0, MEAN_PAUSE_US);
  for (let visit = 0; visit < VISITS; visit++) {
    const site = Math.floor(SITES * random.unit() ** 2);
    const name = siteName(site);
    const data = siteAddress(site, isIpv6);
    const type = isIpv6 ? 'AAAA' : 'A';
    const question = { id: random.between(0, 65_535), name, type };
    const response = { rcode: 'NOERROR', answers: [{ name, type, ttlS: 300, data }] };
    const answeredAt = at + random.between(1000, 40_000);
    yield udpExchange({ ...common, client: { address, port: 40_000 }, server: resolver }, [
      { at, direction: 'up', bytes: toDnsMessage(question) },
      { at: answeredAt, direction: 'down', bytes: toDnsMessage({ ...question, response }) },
    ]);
    const script = {
      path: { ...common, client: { address, port: 41_000 + visit }, server: { address: parseAddress(data) } },
      at: answeredAt + random.between(100, 5000),
      serverRttUs: random.between(5000, 120_000),
      clientRttUs: random.between(10_000, 90_000),
    };
    yield connectionOf(random, script, name, device);
    at = answeredAt + 10_000 + Math.round(random.exponential(MEAN_PAUSE_US));
  }
}

/**
 * Writes a trace of clients that each ask and connect 64 times in about half an hour: some 3,200 packets a client.
 *
 * @param clients how many are active at once
 * @param generations how often new ones follow them: a trace with more is longer, not busier
 * @returns packets written
 */
export const makeTrace = (path, { clients, generations = 1, isFull = false }) => {
  const random = new Random(SEED);
  const bulkSnaplen = isFull ? Number.POSITIVE_INFINITY : BULK_SNAPLEN;
  const lives = Array.from({ length: clients * generations }, (_, client) => {
    const startAt = START + Math.floor(client / clients) * GENERATION_US;
    return clientLife(client, startAt, random.fork(client), bulkSnaplen);
  });
  return writePcap(path, play(lives));
};
