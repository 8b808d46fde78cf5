import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { survivesDamage } from '../../test/bytes-from-outside.ts';
import { hasProgram, hasSharedData, sharedData } from '../../test/needs.ts';
import type { GtpSession } from '../synth/gtp.ts';
import {
  createBearerRequest,
  createBearerResponse,
  createSessionRequest,
  createSessionResponse,
  deleteBearerRequest,
  deleteSessionRequest,
  deleteSessionResponse,
  modifyBearerRequest,
  piggyback,
} from '../synth/gtp-v2.ts';
import { formatAddress, parseAddress } from './address.ts';
import type { TunnelEnd } from './gtp-control.ts';
import { decodeGtpControlV2 } from './gtp-control-v2.ts';

const session: GtpSession = {
  imsi: '232010004711000',
  msisdn: '436601234500',
  imei: '3569380300010000',
  apn: 'Internet.mnc001.mcc232.gprs',
  rat: 6,
  // TAI and ECGI: the cell counts.
  location: Uint8Array.of(0x18, 0x32, 0xf2, 0x10, 0x2e, 0x18, 0x32, 0xf2, 0x10, 0x01, 0xce, 0x66, 0x21),
  bearer: 5,
  ipv4: '10.1.2.3',
  ipv6: '2001:db8:1:2::',
  accessNode: '192.0.2.1',
  networkNode: '2001:db8:ffff::1',
  upTeid: 0xf0001000,
  downTeid: 0x2000,
  upControlTeid: 0x5000,
  downControlTeid: 0x6000,
};

const decode = (bytes: Uint8Array) => decodeGtpControlV2(bytes, 0, bytes.length);
const end = (teid: number, node: string, side?: TunnelEnd['side']): TunnelEnd => ({
  teid,
  node: parseAddress(node)!,
  side,
  isBetweenGateways: true,
});

test('a create request tells subscriber, device, place, and the ends on the side of the access', () => {
  expect(decode(createSessionRequest(100, session))).toEqual([
    {
      version: 2,
      procedure: 'create',
      isResponse: false,
      teid: 0,
      sequence: 100,
      accepted: undefined,
      isUnknown: false,
      imsi: '232010004711000',
      msisdn: '436601234500',
      imei: '3569380300010000',
      userName: '',
      apn: 'internet',
      rat: 'EUTRAN',
      cell: 'ecgi 232-01-30303777',
      plmn: '232-01',
      ipv4: undefined,
      ipv6: undefined,
      controlEnds: [{ ...end(0x6000, '192.0.2.1'), isBetweenGateways: false }],
      bearers: [{ id: 5, accepted: undefined, ends: [end(0x2000, '192.0.2.1', 'access')] }],
      linkedBearer: undefined,
    },
  ]);
});

test('its response tells the user addresses and the ends on the side of the network', () => {
  expect(decode(createSessionResponse(100, session))).toEqual([
    expect.objectContaining({
      procedure: 'create',
      isResponse: true,
      teid: 0x6000,
      accepted: true,
      ipv4: parseAddress('10.1.2.3'),
      ipv6: parseAddress('2001:db8:1:2::'),
      controlEnds: [{ ...end(0x5000, '2001:db8:ffff::1'), isBetweenGateways: false }],
      bearers: [{ id: 5, accepted: true, ends: [end(0xf0001000, '2001:db8:ffff::1', 'network')] }],
    }),
  ]);
  expect(decode(createSessionResponse(100, session, 73))).toEqual([
    expect.objectContaining({ accepted: false, bearers: [], ipv4: undefined, ipv6: undefined }),
  ]);
});

test('a message that rides on another is read too', () => {
  const both = decode(piggyback(createSessionResponse(100, session), createBearerRequest(9, session, 0x7000)));
  expect(both).toMatchObject([
    { procedure: 'create', isResponse: true },
    { procedure: 'create-bearer', isResponse: false, sequence: 9, linkedBearer: 5 },
  ]);
  expect(both![1]!.bearers).toEqual([
    { id: 0, accepted: undefined, ends: [end(0x7000, '2001:db8:ffff::1', 'network')] },
  ]);
});

test('deletes are of the session, or of one bearer', () => {
  expect(decode(deleteSessionRequest(1, session))).toMatchObject([{ procedure: 'delete', linkedBearer: 5 }]);
  expect(decode(deleteSessionResponse(1, session, 64))).toMatchObject([{ accepted: false, isUnknown: true }]);
  expect(decode(deleteBearerRequest(1, session, 5))).toMatchObject([{ linkedBearer: 5, bearers: [] }]);
  expect(decode(deleteBearerRequest(1, session, 6))).toMatchObject([
    { linkedBearer: undefined, bearers: [{ id: 6, ends: [] }] },
  ]);
});

test('damage is survived', () => {
  const messages = [
    createSessionRequest(1, session),
    createSessionResponse(1, session),
    modifyBearerRequest(2, session),
    createBearerResponse(3, session, { bearer: 6, upTeid: 1, downTeid: 2 }),
    deleteBearerRequest(4, session, 6),
    piggyback(createSessionResponse(5, session), createBearerRequest(6, session, 7)),
  ];
  survivesDamage(messages, decodeGtpControlV2, (a, b) => expect(a).toEqual(b));
});

describe.skipIf(!hasSharedData || !hasProgram('tshark'))("tshark's reading", () => {
  const fields = ['udp.payload', 'e212.imsi', 'gtpv2.mei', 'gtpv2.apn', 'gtpv2.rat_type', 'gtpv2.seq'];
  fields.push('gtpv2.f_teid_gre_key', 'gtpv2.f_teid_ipv4', 'gtpv2.pdn_addr_and_prefix.ipv4', 'gtpv2.message_type');

  test.each([
    'captures/ndpi/gtp_c.pcap',
    'captures/gtp-wrapped/wa_voice.gtpv2.pcap',
    'robustness/pcapplusplus/gtpv2.pcap',
  ])('%s', (file) => {
    const flags = [
      '-r',
      sharedData(file),
      '-Y',
      'gtpv2 && udp.payload && !_ws.malformed',
      '-T',
      'fields',
      '-E',
      'aggregator=;',
    ];
    const out = execFileSync('tshark', [...flags, ...fields.flatMap((field) => ['-e', field])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let compared = 0;
    for (const line of out.trimEnd().split('\n')) {
      const cells = line.split('\t').map((cell) => (cell === '' ? [] : cell.split(';')));
      const [payload, imsi, mei, apn, rat, sequences, teids, nodes, addresses, types] = cells;
      const bytes = Buffer.from(payload![0]!, 'hex');
      const messages = decode(bytes);
      if (4 + bytes.readUInt16BE(2) > bytes.length) {
        expect(messages, 'a message that is longer than its datagram').toBeUndefined();
        continue;
      }
      expect(messages?.map(({ sequence }) => `0x${sequence.toString(16).padStart(6, '0')}`)).toEqual(
        sequences!.map((text) => `0x${Number(text).toString(16).padStart(6, '0')}`),
      );
      const message = messages![0]!;
      if (message.procedure === 'other') continue;
      compared++;
      expect(Number(types![0]) & 1, 'requests have even types').toBe(message.isResponse ? 1 : 0);
      expect(message.imsi).toBe(imsi![0] ?? '');
      expect(message.imei).toBe(mei![0] ?? '');
      expect(message.apn).toBe(apn![0] ?? '');
      expect(message.rat).toBe(rat![0] === '6' ? 'EUTRAN' : '');
      expect(message.ipv4 ? formatAddress(message.ipv4) : '0.0.0.0').toBe(addresses![0] ?? '0.0.0.0');
      const ends = [...message.controlEnds, ...message.bearers.flatMap((bearer) => bearer.ends)];
      expect(ends.map(({ teid }) => teid)).toEqual(teids!.map(Number));
      expect(ends.map(({ node }) => formatAddress(node))).toEqual(nodes);
    }
    expect(compared).toBeGreaterThan(1);
  });
});
