/** QUIC in real captures, of all versions from 2013 to 2025: names, protocols and versions as nDPI, Zeek, Arkime and tshark read them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData, sharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';

/** `client#port server#port`, name, version, protocols. */
type Seen = readonly [ends: string, name: string, version: string, protocols: string];

const endsOf = (client: unknown, clientPort: unknown, server: unknown, serverPort: unknown): string =>
  `${client}#${clientPort} ${server}#${serverPort}`;

const seenOf = (flow: Row): Seen => [
  endsOf(flow.client_ip, flow.client_port, flow.server_ip, flow.server_port),
  flow.tls_sni as string,
  flow.quic_version as string,
  (flow.alpn as string[]).join(';'),
];

const readQuic = async (path: string): Promise<Seen[]> =>
  (await importRows([path])).flows
    .filter(({ quic_version }) => quic_version !== '')
    .map(seenOf)
    .sort();

/** The text between a label and what ends it, '' if the label is not there. */
const after = (text: string, label: string): string => text.split(label)[1]?.split(']')[0] ?? '';

/** What nDPI writes of flows of QUIC: `UDP [::1]:51430 <-> [::1]:4443 ... [Hostname/SNI: ...][QUIC ver: V-1]`. */
const readNdpi = (path: string): Seen[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.includes('[QUIC ver: '))
    .map((line): Seen => {
      const ends = /UDP (\S+):(\d+) <?-> (\S+):(\d+)/.exec(line)!.slice(1);
      return [
        endsOf(ends[0]!.replaceAll(/[[\]]/g, ''), ends[1], ends[2]!.replaceAll(/[[\]]/g, ''), ends[3]),
        after(line, '[Hostname/SNI: '),
        after(line, '[QUIC ver: ')
          .replace('V-', '')
          .replace(/^(Draft|MVFST)/, (word) => word.toLowerCase()),
        after(line, '[(Advertised) ALPNs: '),
      ];
    })
    .sort();

describe.skipIf(!hasSharedData)('QUIC', () => {
  const ndpi = hasSharedData
    ? readdirSync(sharedData('captures/ndpi'))
        .filter((file) => file.endsWith('.out'))
        .map((file) => file.slice(0, -'.out'.length))
    : [];

  test('every name, version and protocol that nDPI tells is told, and no more flows are called QUIC', async () => {
    let flows = 0;
    for (const file of ndpi) {
      // A datagram made by a fuzzer: `Q024` stands in it, but its flags deny that a version follows.
      const truth = file === 'quic-fuzz-overflow.pcapng' ? [] : readNdpi(sharedData(`captures/ndpi/${file}.out`));
      expect(await readQuic(sharedData(`captures/ndpi/${file}`)), file).toEqual(truth);
      flows += truth.length;
    }
    expect(flows).toBeGreaterThanOrEqual(23);
  });

  test.each([
    ['chromium', 'chromium-115.0.5790.110-api-cirrus-com.pcap'],
    ['firefox', 'firefox-102.13.0esr-blog-cloudflare-com.pcap'],
    ['interop.quic-go_quic-go.handshake', 'interop/quic-go_quic-go/handshake.pcap'],
    ['quicv2-http3-443', 'quicv2-http3-443.pcap'],
  ])("Zeek's quic.log of %s", async (name, trace) => {
    const [fields, cells] = readFileSync(
      sharedData(`captures/zeek/baseline/scripts.base.protocols.quic.${name}/quic.log`),
      'utf8',
    )
      .split('\n')
      .filter((line) => line.startsWith('#fields') || /^[^#]/.test(line))
      .map((line) => line.split('\t'));
    const cell = (field: string): string => cells![fields!.indexOf(field) - 1]!;
    expect(await readQuic(sharedData(`captures/zeek/traces/quic/${trace}`))).toEqual([
      [
        endsOf(cell('id.orig_h'), cell('id.orig_p'), cell('id.resp_h'), cell('id.resp_p')),
        cell('server_name').replace(/^-$/, ''),
        cell('version').replace('quicv2', '2'),
        cell('client_protocol'),
      ],
    ]);
  });

  test.each(['quic33-wireshark', 'quic43', 'quicietf'])("Arkime's session of %s", async (name) => {
    const session = JSON.parse(readFileSync(sharedData(`truth/arkime/${name}.pcap.arkime.jsonl`), 'utf8').trim());
    const [[, sni, version] = []] = await readQuic(sharedData(`captures/arkime/${name}.pcap`));
    expect([sni, version]).toEqual([(session.quic ?? session.http).host[0], session.quic?.version[0] ?? '1']);
  });

  /** Large ClientHellos, a Retry, a hello over three datagrams, Initial packets sent again, versions 1 and draft 29. */
  const others = [
    ...['quic', 'quic_xargs'].map((name) => `quic-retina/${name}.pcap`),
    ...['quic_kyber', 'quic_retry'].map((name) => `quic-retina/${name}.pcapng`),
    ...['0343add11333', '184c75d2d676', '282fd9176dd2'].map((name) => `suricata-verify/${name}.pcap`),
    'zeek/traces/quic/quic-multiple-initial-fragmented-crypto.pcap',
    'ipfixprobe/tests/functional/inputs/quic_initial-sample.pcap',
    'ipfixprobe/tests/functional/inputs/tls.pcap',
  ];
  test.skipIf(!hasProgram('tshark')).each(others)('what tshark reads in %s', async (file) => {
    const fields = ['ipv6.src', 'ip.src', 'udp.srcport', 'ipv6.dst', 'ip.dst', 'udp.dstport'];
    const hello = ['tls.handshake.extensions_server_name', 'quic.version', 'tls.handshake.extensions_alpn_str'];
    const args = [...fields, ...hello].flatMap((field) => ['-e', field]);
    const { stdout } = spawnSync(
      'tshark',
      [
        '-n',
        '-r',
        sharedData(`captures/${file}`),
        '-Y',
        `quic && ${hello[0]}`,
        '-T',
        'fields',
        '-E',
        'aggregator=;',
        ...args,
      ],
      { encoding: 'utf8' },
    );
    const truth = new Map(
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t'))
        .map(([v6, v4, port, v6Server, v4Server, serverPort, sni, version, alpn]): [string, Seen] => {
          const ends = endsOf(v6 || v4, port, v6Server || v4Server, serverPort);
          return [ends, [ends, sni!.toLowerCase(), String(Number(version!.split(';')[0])), alpn!]];
        }),
    );
    const ours = (await readQuic(sharedData(`captures/${file}`))).map(([ends, sni, version, protocols]) => [
      ends,
      sni,
      version === 'draft-29' ? String(0xff00001d) : version,
      protocols,
    ]);
    expect(truth.size).toBeGreaterThan(0);
    expect(ours).toEqual([...truth.values()].sort());
  });

  test('a handshake gives round-trip times, and an Initial packet that is sent again takes the one of the server', async () => {
    const timesOf = async (file: string) => {
      const { flows } = await importRows([sharedData(`captures/${file}`)]);
      const { server_rtt_us, client_rtt_us, rtt_source } = flows.find(({ quic_version }) => quic_version !== '')!;
      return [server_rtt_us, client_rtt_us, rtt_source];
    };
    // Read off the times of tshark: first Initial packet, first answer, first packet that acknowledges it.
    const firefox = 'zeek/traces/quic/firefox-102.13.0esr-blog-cloudflare-com.pcap';
    expect(await timesOf(firefox)).toEqual([23_224, 2_366, 'quic']);
    expect(await timesOf('suricata-verify/184c75d2d676.pcap')).toEqual([null, null, '']);
  });
});
