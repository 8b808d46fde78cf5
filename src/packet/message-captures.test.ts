/** DNS, TLS and HTTP messages of real captures, read by Sonde, by tshark and by Zeek. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData, sharedData } from '../../test/needs.ts';
import { Interner } from '../kit/interner.ts';
import { qtypeName } from './dns-codes.ts';
import { DnsMessage } from './dns-message.ts';
import { toldClientHello, toldHttpRequest } from './told-names.test-helper.ts';

const BETWEEN = '\u0001';

/** One record a packet that passes the filter; a field that occurs several times is a list. */
const readFields = (file: string, filter: string, fields: readonly string[]): string[][][] => {
  const flags = ['-r', sharedData(file), '-Y', filter, '-T', 'fields', '-E', `aggregator=${BETWEEN}`];
  const text = execFileSync('tshark', [...flags, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => line.split('\t').map((field) => (field === '' ? [] : field.split(BETWEEN))));
};

/** How Sonde writes the name that tshark shows as UTF-8. */
const toPresentation = (name: string): string =>
  Array.from(Buffer.from(name.toLowerCase()), (byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`,
  ).join('');

const runs = describe.skipIf(!hasSharedData || !hasProgram('tshark'));

runs('DNS as tshark reads it', () => {
  const valueFields: Readonly<Record<string, string>> = {
    A: 'dns.a',
    AAAA: 'dns.aaaa',
    CNAME: 'dns.cname',
    NS: 'dns.ns',
    PTR: 'dns.ptr.domain_name',
    MX: 'dns.mx.mail_exchange',
    SOA: 'dns.soa.mname',
  };
  const types = Object.keys(valueFields);
  const fields = ['frame.number', 'udp.payload', 'dns.id', 'dns.flags.response', 'dns.flags.rcode', 'dns.qry.name'];
  fields.push('dns.qry.type', 'dns.count.answers', 'dns.resp.type', 'dns.resp.ttl');
  fields.push(...Object.values(valueFields));

  test.each([
    'captures/ndpi/android.pcap',
    'captures/ndpi/dns-google-nsid.pcapng',
    'captures/ndpi/iphone.pcap',
    'captures/ndpi/KakaoTalk_chat.pcap',
    'captures/ndpi/signal.pcap',
    'captures/ndpi/whatsapp_login_call.pcap',
    'captures/arkime/dns-https.pcap',
    'captures/arkime/dns-mx.pcap',
    'captures/dnscap/dns.pcap',
    // A question name that is a forward pointer, which its resolver answered.
    'captures/suricata-verify/0d0a41cb2f98.pcap',
  ])('%s', (file) => {
    const interner = new Interner();
    const message = new DnsMessage(interner);
    const records = readFields(file, '(dns || mdns) && udp && !icmp && !icmpv6 && !_ws.malformed', fields);
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) {
      const [frame, payload, id, response, rcode, names, qtypes, count, recordTypes, ttls, ...values] = record;
      const bytes = Buffer.from(payload!.at(-1)!, 'hex');
      const where = `frame ${frame}`;
      expect(message.decode(bytes, 0, bytes.length), where).toBe(true);
      expect(message.fault, where).toBe('');
      expect(message.id, where).toBe(Number(id![0]));
      expect(message.isResponse, where).toBe(Number(response![0]) === 1);
      if (names!.length > 0) {
        expect(interner.text(message.qname), where).toBe(names![0] === '<Root>' ? '.' : toPresentation(names![0]!));
        expect(message.qtype, where).toBe(Number(qtypes![0]));
      }
      if (!message.isResponse) continue;
      expect(message.rcode & 15, where).toBe(Number(rcode![0]));
      // tshark lists the records of all sections; those of the answer come first.
      const answerTypes = recordTypes!.slice(0, Number(count![0])).map((type) => qtypeName(Number(type)));
      const aliases = message.aliases.map((alias) => interner.text(alias));
      expect(message.answerCount + aliases.length, where).toBe(answerTypes.length);
      const answers = Array.from({ length: message.answerCount }, (_, i) => ({
        type: qtypeName(message.answerTypes[i]!),
        text: message.answerText(i),
        ttlS: message.ttlsS[i]!,
      }));
      for (const [i, type] of types.entries()) {
        const expected = values[i]!.slice(0, answerTypes.filter((t) => t === type).length);
        const mine = type === 'CNAME' ? aliases : answers.filter((a) => a.type === type).map((a) => a.text);
        expect(mine, `${where} ${type}`).toEqual(expected.map(toPresentation));
      }
      const ownTtls = answerTypes.flatMap((type, i) => (type === 'CNAME' ? [] : [Number(ttls![i])]));
      const aliasTtls = answerTypes.flatMap((type, i) => (type === 'CNAME' ? [Number(ttls![i])] : []));
      const expectedTtls = ownTtls.map((ttl) => Math.min(ttl, ...aliasTtls));
      expect(
        answers.map((a) => a.ttlS),
        where,
      ).toEqual(expectedTtls);
    }
  });
});

runs("DNS as Zeek's baselines tell it", () => {
  /** Query and answers by transaction id, of the rows that have answers. */
  const readBaseline = (name: string): Map<number, string[]> => {
    const rows = readFileSync(sharedData(`captures/zeek/baseline/${name}/dns.log`), 'utf8').split('\n');
    const header = rows.find((row) => row.startsWith('#fields'))!;
    const names = header.split('\t').slice(1);
    const byId = new Map<number, string[]>();
    for (const row of rows) {
      const cells = row.split('\t');
      const cell = (name: string): string => cells[names.indexOf(name)] ?? '-';
      if (!row.startsWith('#') && cell('answers') !== '-')
        byId.set(Number(cell('trans_id')), [cell('query'), ...cell('answers').split(',')]);
    }
    return byId;
  };

  test.each([
    { name: 'opt.basic', trace: 'wikipedia.pcap', reordered: false },
    { name: 'scripts.base.protocols.dns.spf', trace: 'dns-spf.pcap', reordered: false },
    { name: 'scripts.base.protocols.dns.multiple-txt-strings', trace: 'dns-txt-multiple.pcap', reordered: false },
    { name: 'scripts.base.protocols.dns.flip', trace: 'dns53.pcap', reordered: false },
    // A signature stands between two aliases: Zeek leaves it there, Sonde tells the aliases first.
    { name: 'scripts.base.protocols.dns.duplicate-reponses', trace: 'dns-two-responses.pcap', reordered: true },
  ])('$name', ({ name, trace, reordered }) => {
    const interner = new Interner();
    const message = new DnsMessage(interner);
    const mine = new Map<number, string[]>();
    for (const [payload] of readFields(`captures/zeek/traces/${trace}`, '(dns || mdns) && udp', ['udp.payload'])) {
      const bytes = Buffer.from(payload![0]!, 'hex');
      message.decode(bytes, 0, bytes.length);
      const answers = [
        ...message.aliases.map((alias) => interner.text(alias)),
        ...Array.from({ length: message.answerCount }, (_, i) => message.answerText(i)),
      ];
      if (message.isResponse && answers.length > 0) mine.set(message.id, [interner.text(message.qname), ...answers]);
    }
    const inOrder = (byId: Map<number, string[]>): unknown =>
      [...byId].map(([id, words]) => [id, ...(reordered ? words.sort() : words)]).sort();
    expect(mine.size).toBeGreaterThan(0);
    expect(inOrder(mine)).toEqual(inOrder(readBaseline(name)));
  });
});

/** One direction of a TCP connection. */
interface Sender {
  readonly segments: { readonly seq: number; readonly bytes: Buffer }[];
  /** What tshark says of its first ClientHello, and of its first request; [] without one. */
  hello: string[][];
  request: string[][];
}

const helloFields = ['tls.handshake.extensions_server_name', 'tls.handshake.extensions_alpn_str'];
const requestFields = ['http.request.uri', 'http.host', 'http.user_agent'];

const readSenders = (file: string): Sender[] => {
  const senders = new Map<string, Sender>();
  const fields = ['tcp.stream', 'ip.src', 'ipv6.src', 'tcp.srcport', 'tcp.seq', 'tcp.payload'];
  fields.push('tls.handshake.type', ...helloFields, 'http.request.method', ...requestFields);
  for (const record of readFields(file, 'tcp.len > 0 && !icmp', fields)) {
    const [stream, v4, v6, port, seq, payload, handshake, name, alpn, method, ...request] = record;
    if (payload!.length === 0) continue;
    const key = [stream, [...v4!, ...v6!], port].map((list) => list!.at(-1)).join();
    const sender = senders.get(key) ?? { segments: [], hello: [], request: [] };
    senders.set(key, sender);
    sender.segments.push({ seq: Number(seq!.at(-1)), bytes: Buffer.from(payload!.at(-1)!, 'hex') });
    if (sender.hello.length === 0 && handshake!.includes('1')) sender.hello = [name!, alpn!];
    if (sender.request.length === 0 && method!.length > 0) sender.request = [method!, ...request];
  }
  return [...senders.values()];
};

/** What was sent first, as far as it is known without a gap. */
const prefixOf = ({ segments }: Sender): Buffer => {
  segments.sort((a, b) => a.seq - b.seq);
  const start = segments[0]!.seq;
  let bytes = Buffer.alloc(0);
  for (const segment of segments) {
    const known = start + bytes.length - segment.seq;
    if (known < 0 || bytes.length > 100_000) break;
    if (known < segment.bytes.length) bytes = Buffer.concat([bytes, segment.bytes.subarray(known)]);
  }
  return bytes;
};

runs('TLS ClientHellos and HTTP requests as tshark reads them', () => {
  test.each([
    { file: 'captures/arkime/http-xff.pcap', hellos: 0, requests: 1 },
    { file: 'captures/arkime/tls-split-client-hello.pcap', hellos: 1, requests: 0 },
    { file: 'captures/ndpi/KakaoTalk_chat.pcap', hellos: 8, requests: 2 },
    { file: 'captures/ndpi/android.pcap', hellos: 18, requests: 3 },
    { file: 'captures/ndpi/encrypted_sni.pcap', hellos: 3, requests: 0 },
    { file: 'captures/ndpi/http-lines-split.pcap', hellos: 0, requests: 1 },
    { file: 'captures/ndpi/http-proxy.pcapng', hellos: 0, requests: 1 },
    { file: 'captures/ndpi/http_connect.pcap', hellos: 2, requests: 1 },
    { file: 'captures/ndpi/instagram.pcap', hellos: 11, requests: 7 },
    { file: 'captures/ndpi/punycode-idn.pcap', hellos: 0, requests: 1 },
    { file: 'captures/ndpi/tls-esni-fuzzed.pcap', hellos: 3, requests: 0 },
    { file: 'captures/ndpi/tls_2_reasms.pcapng', hellos: 1, requests: 0 },
    { file: 'captures/ndpi/tls_ech.pcapng', hellos: 1, requests: 0 },
    { file: 'captures/ndpi/tls_esni_sni_both.pcap', hellos: 2, requests: 0 },
    { file: 'captures/ndpi/tls_with_huge_ch.pcapng', hellos: 1, requests: 0 },
    { file: 'captures/zeek/traces/wikipedia.pcap', hellos: 0, requests: 9 },
  ])('$file: $hellos hellos, $requests requests', ({ file, hellos, requests }) => {
    const seen = { hellos: 0, requests: 0 };
    for (const sender of readSenders(file)) {
      const bytes = prefixOf(sender);
      const request = toldHttpRequest(bytes, 0, bytes.length);
      if (request.kind === 'request') {
        const [method, uri, host, userAgent] = sender.request.map((values) => values[0] ?? '');
        const bareHost = host!.toLowerCase().replace(/:\d+$/, '');
        expect([request.method, request.host, request.userAgent]).toEqual([method, bareHost, userAgent]);
        if (method !== 'CONNECT') expect(uri!.endsWith(request.path + request.query)).toBe(true);
        seen.requests++;
      }
      const tunnelAt = request.kind === 'request' && request.method === 'CONNECT' ? request.headBytes : 0;
      const hello = toldClientHello(bytes, tunnelAt, bytes.length);
      if (hello.kind === 'hello') {
        const [names, alpn] = sender.hello;
        // tshark shows GREASE as it is.
        const words = alpn!.filter((word) => /^[ -~]+$/.test(word));
        expect([hello.sni, hello.alpn]).toEqual([names![0] ?? '', words]);
        seen.hellos++;
      }
    }
    expect(seen).toEqual({ hellos, requests });
  });

  test('a hello whose second segment is missing tells its name when nothing more comes', () => {
    const [sender] = readSenders('captures/ndpi/tls_missing_ch_frag.pcap');
    const bytes = prefixOf(sender!);
    expect(toldClientHello(bytes, 0, bytes.length)).toEqual({ kind: 'need-more' });
    expect(toldClientHello(bytes, 0, bytes.length, { final: true })).toMatchObject({
      sni: 'r1---sn-5f5nxgvh5o-hjul.googlevideo.com',
      alpn: ['http/1.1'],
      complete: false,
    });
  });
});
