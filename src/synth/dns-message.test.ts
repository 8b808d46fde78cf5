import dnsPacket from 'dns-packet';
import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { mixCase, toDnsMessage, toDnsTcpMessage } from './dns-message.ts';

const decode = (message: Uint8Array) => dnsPacket.decode(Buffer.from(message));

test('a question has the bytes of RFC 1035', () => {
  const hex = Buffer.from(toDnsMessage({ id: 0xbeef, name: 'wa.me', type: 'A' })).toString('hex');
  expect(hex).toBe('beef01000001000000000000' + '02776102' + '6d6500' + '00010001');
});

test('an answer behind aliases uses pointers and reads back as it was meant', () => {
  const bytes = toDnsMessage({
    id: 1,
    name: 'v.whatsapp.net',
    type: 'A',
    edns: true,
    response: {
      rcode: 'NOERROR',
      answers: [
        { name: 'v.whatsapp.net', type: 'CNAME', data: 'edge.cdn.whatsapp.net', ttlS: 3600 },
        { name: 'edge.cdn.whatsapp.net', type: 'CNAME', data: 'a.cdn.whatsapp.net', ttlS: 60 },
        { name: 'a.cdn.whatsapp.net', type: 'A', data: '192.0.2.1', ttlS: 30 },
        { name: 'a.cdn.whatsapp.net', type: 'AAAA', data: '2001:db8::1', ttlS: 30 },
      ],
    },
  });
  const { questions, answers, additionals, flag_qr } = decode(bytes);
  expect(flag_qr).toBe(true);
  expect(questions).toEqual([{ name: 'v.whatsapp.net', type: 'A', class: 'IN' }]);
  expect(
    answers?.map((each) => [each.name, each.type, 'ttl' in each && each.ttl, 'data' in each && each.data]),
  ).toEqual([
    ['v.whatsapp.net', 'CNAME', 3600, 'edge.cdn.whatsapp.net'],
    ['edge.cdn.whatsapp.net', 'CNAME', 60, 'a.cdn.whatsapp.net'],
    ['a.cdn.whatsapp.net', 'A', 30, '192.0.2.1'],
    ['a.cdn.whatsapp.net', 'AAAA', 30, '2001:db8::1'],
  ]);
  expect(additionals?.map(({ type }) => type)).toEqual(['OPT']);
  // Every name after the question repeats some of it.
  expect(Buffer.from(bytes).toString('latin1').split('whatsapp')).toHaveLength(2);
});

test('codes and truncation are in the header', () => {
  const message = { id: 1, name: 'a.example', type: 'AAAA' } as const;
  const missing = decode(toDnsMessage({ ...message, response: { rcode: 'NXDOMAIN', answers: [] } }));
  expect(missing).toMatchObject({ rcode: 'NXDOMAIN', flag_tc: false });
  const cut = decode(toDnsMessage({ ...message, response: { rcode: 'NOERROR', answers: [], truncated: true } }));
  expect(cut).toMatchObject({ rcode: 'NOERROR', flag_tc: true });
});

test('over TCP the length comes first', () => {
  expect([...toDnsTcpMessage(Uint8Array.of(7, 8, 9))]).toEqual([0, 3, 7, 8, 9]);
});

test('a name in mixed case is the same name', () => {
  const mixed = mixCase('media-mxp1-1.cdn.whatsapp.net', new Random(3));
  expect(mixed).not.toBe('media-mxp1-1.cdn.whatsapp.net');
  expect(mixed.toLowerCase()).toBe('media-mxp1-1.cdn.whatsapp.net');
});
