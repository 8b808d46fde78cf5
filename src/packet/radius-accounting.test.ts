import { describe, expect, test } from 'vitest';
import { survivesDamage } from '../../test/bytes-from-outside.ts';
import { datagramsOf } from '../../test/datagrams.ts';
import { hasSharedData, sharedData } from '../../test/needs.ts';
import { accountingRequest, type PlantedAccounting } from '../synth/radius-accounting.ts';
import { parseAddress } from './address.ts';
import { decodeRadiusAccounting, mayBeAccountingRequest, radiusAccountingPorts } from './radius-accounting.ts';

const session: PlantedAccounting = {
  sessionId: 'C6336401000004D2',
  nas: '198.51.100.1',
  imsi: '232010004711000',
  imeisv: '3569380300010001',
  callingStationId: '436601234500',
  userName: 'anna@example',
  apn: 'internet',
  rat: 6,
  location: Uint8Array.of(130, 0x32, 0xf2, 0x10, 0x2e, 0x18, 0x32, 0xf2, 0x10, 0x01, 0xce, 0x66, 0x21),
  sgsnMccMnc: '23205',
  sgsn: '192.0.2.1',
  ipv4: '10.1.2.3',
  ipv6Prefix: '2001:db8:1:2::',
  delayS: 2,
  sessionS: 3600,
};

const decode = (bytes: Uint8Array) => decodeRadiusAccounting(bytes, 0, bytes.length);

test('a request tells subscriber, device, place, addresses and nodes', () => {
  expect(decode(accountingRequest('interim', 7, session))).toEqual({
    status: 'interim',
    sessionId: 'C6336401000004D2',
    nas: '198.51.100.1',
    delayS: 2,
    sessionS: 3600,
    imsi: '232010004711000',
    msisdn: '436601234500',
    imei: '3569380300010001',
    userName: 'anna@example',
    apn: 'internet',
    rat: 'EUTRAN',
    cell: 'ecgi 232-01-30303777',
    plmn: '232-05',
    ipv4: parseAddress('10.1.2.3'),
    ipv6: parseAddress('2001:db8:1:2::'),
    accessNode: parseAddress('192.0.2.1'),
    networkNode: undefined,
  });
});

test('what is not said stays empty', () => {
  expect(decode(accountingRequest('start', 7, { sessionId: 'a', nas: '198.51.100.1' }))).toMatchObject({
    status: 'start',
    sessionS: Number.NaN,
    delayS: 0,
    imsi: '',
    ipv4: undefined,
    ipv6: undefined,
    rat: '',
    cell: '',
    plmn: '',
  });
});

test.each([
  ['+436601234500', '436601234500'],
  ['00-1A-1E-00-00-00', ''],
  ['985AEB898000', ''],
  ['1', ''],
])('the calling station %s is the number "%s"', (callingStationId, msisdn) => {
  expect(decode(accountingRequest('start', 7, { ...session, callingStationId }))).toMatchObject({ msisdn });
});

test('255.255.255.254 asks for an address and is none', () => {
  expect(decode(accountingRequest('start', 7, { ...session, ipv4: '255.255.255.254' }))!.ipv4).toBeUndefined();
});

test('other codes, cut packets and attributes that do not fit are no request', () => {
  const request = accountingRequest('start', 7, session);
  expect(mayBeAccountingRequest(request, 0, request.length)).toBe(true);
  expect(mayBeAccountingRequest(request.with(0, 5), 0, request.length)).toBe(false);
  expect(decode(request.with(0, 5))).toBeUndefined();
  expect(decode(request.subarray(0, request.length - 1))).toBeUndefined();
  expect(decode(request.with(21, 1))).toBeUndefined();
  expect(decode(request.with(21, 255))).toBeUndefined();
});

test('damage is survived', () => {
  const messages = (['start', 'stop', 'interim'] as const).map((status) => accountingRequest(status, 1, session));
  survivesDamage(messages, decodeRadiusAccounting, (a, b) => expect(a).toEqual(b));
});

describe.skipIf(!hasSharedData)('a capture of a WLAN controller', () => {
  test('names the address of the device where a telephone number would stand', async () => {
    const [request, response] = await datagramsOf(sharedData('captures/arkime/radius.pcap'), radiusAccountingPorts);
    expect(decode(request!)).toMatchObject({
      sessionId: 'xxxxxxxx985AEB898000-57361300',
      nas: '10.0.0.1',
      userName: 'xxxxxxxxx',
      msisdn: '',
      imsi: '',
      apn: '001a1e000000',
      ipv4: parseAddress('10.0.0.3'),
    });
    expect(decode(response!)).toBeUndefined();
  });
});
