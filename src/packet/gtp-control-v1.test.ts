import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { survivesDamage } from '../../test/bytes-from-outside.ts';
import { datagramsOf } from '../../test/datagrams.ts';
import { hasSharedData, sharedData } from '../../test/needs.ts';
import { errorIndication, type GtpSession } from '../synth/gtp.ts';
import {
  createPdpRequest,
  createPdpResponse,
  deletePdpRequest,
  deletePdpResponse,
  updatePdpRequest,
} from '../synth/gtp-v1.ts';
import { formatAddress, parseAddress } from './address.ts';
import { PORT_GTP_CONTROL } from './gtp-control.ts';
import { decodeErrorIndication, decodeGtpControlV1, GtpV1Element, gtpV1Elements } from './gtp-control-v1.ts';

const session: GtpSession = {
  imsi: '232010004711000',
  msisdn: '436601234500',
  imei: '3569380300010000',
  apn: 'internet',
  rat: 1,
  location: Uint8Array.of(0, 0x32, 0xf2, 0x10, 0x04, 0xd2, 0x16, 0x2e),
  bearer: 5,
  ipv4: '10.1.2.3',
  accessNode: '192.0.2.1',
  networkNode: '198.51.100.1',
  upTeid: 0xf0001000,
  downTeid: 0x2000,
  upControlTeid: 0x5000,
  downControlTeid: 0x6000,
};

const decode = (bytes: Uint8Array) => decodeGtpControlV1(bytes, 0, bytes.length);
const bytesOf = (address: string) => parseAddress(address);
const end = (teid: number, node: string) => ({
  teid,
  node: bytesOf(node),
  side: undefined,
  isBetweenGateways: false,
});

const unsaid = { imsi: '', msisdn: '', imei: '', userName: '', apn: '', rat: '', cell: '', plmn: '' };
const noAddress = { ipv4: undefined, ipv6: undefined };

test('a create request tells subscriber, device, place, and the ends on the side of the access', () => {
  expect(decode(createPdpRequest(100, session))).toEqual({
    version: 1,
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
    rat: 'UTRAN',
    cell: 'cgi 232-01-1234-5678',
    plmn: '232-01',
    ...noAddress,
    controlEnds: [end(0x6000, '192.0.2.1')],
    bearers: [{ id: 5, accepted: undefined, ends: [end(0x2000, '192.0.2.1')] }],
    linkedBearer: undefined,
  });
});

test('its response tells the user addresses and the ends on the side of the network', () => {
  const both = { ...session, ipv6: '2001:db8:1:2::1' };
  expect(decode(createPdpResponse(100, both))).toEqual({
    version: 1,
    procedure: 'create',
    isResponse: true,
    teid: 0x6000,
    sequence: 100,
    accepted: true,
    isUnknown: false,
    ...unsaid,
    ipv4: bytesOf('10.1.2.3'),
    ipv6: bytesOf('2001:db8:1:2::1'),
    controlEnds: [end(0x5000, '198.51.100.1')],
    bearers: [{ id: undefined, accepted: undefined, ends: [end(0xf0001000, '198.51.100.1')] }],
    linkedBearer: undefined,
  });
  expect(decode(createPdpResponse(100, session, 199))).toMatchObject({ accepted: false, bearers: [], ...noAddress });
});

test('a delete request is for the session where it tears all down, else for one context', () => {
  expect(decode(deletePdpRequest(7, session))).toMatchObject({ procedure: 'delete', teid: 0x5000, linkedBearer: 5 });
  expect(decode(deletePdpRequest(7, session, false))).toMatchObject({
    linkedBearer: undefined,
    bearers: [{ id: 5, ends: [] }],
  });
  expect(decode(deletePdpResponse(7, session, 192))).toMatchObject({ accepted: false, isUnknown: true });
});

test('an extension header and a message that is not followed are passed over', () => {
  const [flags, type, , , ...rest] = createPdpRequest(100, session);
  const extended = [flags! | 4, type!, 0, 0, ...rest.slice(0, 7), 0xc0, 1, 0xaa, 0xbb, 0, ...rest.slice(8)];
  const length = extended.length - 8;
  extended.splice(2, 2, length >> 8, length & 0xff);
  expect(decode(Uint8Array.from(extended))).toMatchObject({ imsi: '232010004711000' });
  const echo = Uint8Array.of(0x32, 1, 0, 6, 0, 0, 0, 0, 0, 9, 0, 0, 14, 3);
  expect(decode(echo)).toMatchObject({ procedure: 'other', sequence: 9, bearers: [] });
});

test("another version, GTP', an element without end and one of unknown length are no message", () => {
  const message = createPdpRequest(100, session);
  expect(decode(message.with(0, 0x52))).toBeUndefined();
  expect(decode(message.with(0, 0x22))).toBeUndefined();
  expect(decode(message.subarray(0, message.length - 1))).toBeUndefined();
  expect(decode(message.with(12, 60))).toBeUndefined();
});

test('an Error Indication names the end that is not known', () => {
  const { bytes } = errorIndication(session, 0, 'network');
  const payload = bytes.subarray(14 + 20 + 8);
  expect(decodeErrorIndication(payload, 0, payload.length)).toEqual(end(0xf0001000, '198.51.100.1'));
  expect(decodeErrorIndication(payload, 0, payload.length - 1)).toBeUndefined();
});

test('damage is survived', () => {
  const messages = [
    createPdpRequest(1, session),
    createPdpResponse(1, session),
    updatePdpRequest(2, session),
    deletePdpRequest(3, session),
    errorIndication(session, 0, 'access').bytes.slice(42),
  ];
  survivesDamage(
    messages,
    (bytes, start, end) => [decodeGtpControlV1(bytes, start, end), decodeErrorIndication(bytes, start, end)],
    (a, b) => expect(a).toEqual(b),
  );
});

/** A value as Zeek prints it: a record in brackets, else text. */
type ZeekValue = string | { readonly [field: string]: ZeekValue };

const parseZeek = (text: string): ZeekValue => {
  if (!text.startsWith('[')) return text;
  const fields: Record<string, ZeekValue> = {};
  let depth = 0;
  let from = 1;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '[') depth++;
    if (text[at] === ']') depth--;
    const endsHere = depth === 0 || (depth === 1 && /^, [a-z0-9_]+=/.test(text.slice(at, at + 40)));
    if (!endsHere) continue;
    const [, name, value] = /^([a-z0-9_]+)=(.*)$/s.exec(text.slice(from, at))!;
    fields[name!] = parseZeek(value!);
    from = at + 2;
  }
  return fields;
};

const unescapeZeek = (text: string): string =>
  text.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
const NONE = '<uninitialized>';

describe.skipIf(!hasSharedData)("Zeek's reading of PDP context messages", async () => {
  const baseline = hasSharedData
    ? readFileSync(sharedData('captures/zeek/baseline/core.tunnels.gtp.pdp_ctx_messages/out'), 'utf8').split('\n')
    : [];
  const payloads = hasSharedData
    ? await datagramsOf(sharedData('captures/zeek/traces/tunnels/gtp/pdp_ctx_messages.pcapng'), [PORT_GTP_CONTROL])
    : [];
  const expected = baseline.flatMap((line, i) =>
    /^gtp (create|update|delete) /.test(line)
      ? [{ header: parseZeek(baseline[i + 1]!), elements: parseZeek(baseline[i + 2]!) }]
      : [],
  ) as { header: Record<string, string>; elements: Record<string, ZeekValue> }[];

  test.each(expected)('message $header.msg_type of sequence $header.seq', ({ header, elements }) => {
    const payload = payloads.find((bytes) => {
      const message = decode(bytes);
      return bytes[1] === Number(header.msg_type) && message?.sequence === Number(header.seq);
    })!;
    const message = decode(payload)!;
    const found = gtpV1Elements(payload, 0, payload.length)!;
    /** The value of an element as Zeek's text of a string. */
    const raw = (type: number, skip = 0): string => {
      const element = found.find((one) => one.type === type);
      return element ? Buffer.from(payload.subarray(element.start + skip, element.end)).toString('latin1') : NONE;
    };
    const number = (type: number): string => {
      const bytes = raw(type);
      return bytes === NONE ? NONE : String([...bytes].reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0));
    };
    const ip = (bytes: Uint8Array | undefined): string => (bytes === undefined ? NONE : formatAddress(bytes));
    const node = (bytes: Uint8Array | undefined) => ({ ip: ip(bytes), other: NONE });
    const area = message.cell === '' ? NONE : /^rai (\d+)-(\d+)-(\d+)-(\d+)$/.exec(message.cell)!;

    expect(String(message.teid)).toBe(header.teid);
    const seen: Record<string, ZeekValue> = {
      data1: String(message.bearers[0]!.ends[0]!.teid),
      cp: String(message.controlEnds[0]!.teid),
      recovery: number(GtpV1Element.RECOVERY),
      user_addr: node(message.bearers[0]!.ends[0]!.node),
      end_user_addr: {
        pdp_type_org: String(raw(GtpV1Element.END_USER_ADDRESS).charCodeAt(0) & 0x0f),
        pdp_type_num: String(raw(GtpV1Element.END_USER_ADDRESS).charCodeAt(1)),
        pdp_ip: ip(message.ipv4),
        pdp_other_addr: NONE,
      },
      opts: raw(GtpV1Element.PROTOCOL_CONFIGURATION_OPTIONS),
      qos_prof: {
        priority: String(raw(GtpV1Element.QUALITY_OF_SERVICE).charCodeAt(0)),
        data: raw(GtpV1Element.QUALITY_OF_SERVICE, 1),
      },
      ext: raw(255) === NONE ? NONE : { id: '10923', value: raw(255, 2) },
    };
    if (message.isResponse) {
      Object.assign(seen, {
        cause: number(GtpV1Element.CAUSE),
        reorder_req: (Number(number(8)) & 1) === 1 ? 'T' : 'F',
        charging_id: number(GtpV1Element.CHARGING_ID),
        cp_addr: node(message.controlEnds[0]!.node),
        charge_gateway: raw(251),
      });
      expect(message.accepted).toBe(true);
    } else {
      const plain = { linked_nsapi: NONE, trace_ref: raw(27), trace_type: raw(28), tft: raw(137) };
      Object.assign(seen, plain, {
        imsi: message.imsi,
        rai: area === NONE ? NONE : { mcc: area[1], mnc: String(Number(area[2])), lac: area[3], rac: area[4] },
        select_mode: String(raw(GtpV1Element.SELECTION_MODE).charCodeAt(0) & 3),
        nsapi: String(message.bearers[0]!.id),
        charge_character: number(GtpV1Element.CHARGING_CHARACTERISTICS),
        ap_name: raw(GtpV1Element.ACCESS_POINT_NAME),
        signal_addr: node(message.controlEnds[0]!.node),
        msisdn: raw(GtpV1Element.MSISDN),
        trigger_id: raw(142),
        omc_id: raw(143),
      });
      expect(message.apn).toBe(raw(GtpV1Element.ACCESS_POINT_NAME).slice(1));
    }
    const unescaped = JSON.parse(JSON.stringify(elements), (_, value) =>
      typeof value === 'string' ? unescapeZeek(value) : value,
    );
    expect(seen).toEqual(unescaped);
  });

  test('the baseline has two contexts', () => {
    expect(expected.length).toBe(4);
  });
});
