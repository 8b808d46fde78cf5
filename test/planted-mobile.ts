/** A subscriber on Gn: a PDP context, a question and its answer, a visit to the server that was asked for, and the end of the context. */
import { toDnsMessage } from '../src/synth/dns-message.ts';
import type { Frame } from '../src/synth/frame.ts';
import { controlFrame, type GtpSession, tunnelFrame } from '../src/synth/gtp.ts';
import { createPdpRequest, createPdpResponse, deletePdpRequest, deletePdpResponse } from '../src/synth/gtp-v1.ts';
import { between, end } from './recording-probe.ts';

export const subscriber: GtpSession = {
  imsi: '232010000000001',
  msisdn: '436600000001',
  imei: '35693803000001',
  apn: 'internet',
  rat: 1,
  // CGI: 232-01, area 1234, cell 5678.
  location: Uint8Array.of(0, 0x32, 0xf2, 0x10, 0x04, 0xd2, 0x16, 0x2e),
  bearer: 5,
  ipv4: '10.1.0.1',
  accessNode: '192.0.2.1',
  networkNode: '192.0.2.9',
  upTeid: 0x1000,
  downTeid: 0x2000,
  upControlTeid: 0x5000,
  downControlTeid: 0x6000,
};

const SECOND = 1e6;
/** When the context is asked for. */
export const plantedAt = Date.UTC(2014, 1, 22, 18) * 1000;

const name = 'e7.whatsapp.net';
const server = '184.173.179.37';

/** The packets of the user, without their tunnel. */
export const userFrames = (): Frame[] => {
  const resolver = between(end(subscriber.ipv4!, 40_000), end('198.51.100.53', 53));
  const chat = between(end(subscriber.ipv4!, 40_001), end(server, 5222));
  const query = { id: 1, name, type: 'A' } as const;
  const answers = [{ name, type: 'A' as const, data: server, ttlS: 300 }];
  const at = plantedAt + SECOND;
  return [
    resolver.udp(at, 'up', toDnsMessage(query)),
    resolver.udp(at + 1000, 'down', toDnsMessage({ ...query, response: { rcode: 'NOERROR', answers } })),
    chat.udp(at + 2000, 'up', new Uint8Array(10)),
    chat.udp(at + 3000, 'down', new Uint8Array(10)),
  ];
};

export const plantedMobile = (): Frame[] => [
  controlFrame(subscriber, plantedAt, 'up', createPdpRequest(1, subscriber)),
  controlFrame(subscriber, plantedAt + 1000, 'down', createPdpResponse(1, subscriber)),
  ...userFrames().map((frame, i) => tunnelFrame(subscriber, i % 2 === 0 ? 'up' : 'down', frame)),
  controlFrame(subscriber, plantedAt + 10 * SECOND, 'up', deletePdpRequest(2, subscriber)),
  controlFrame(subscriber, plantedAt + 10 * SECOND + 1000, 'down', deletePdpResponse(2, subscriber)),
];
