/** Real captures against tshark's and nDPI's reading: counts of every flow, every name, every DNS label. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows } from '../rows.ts';
import { byKey, compareCounts, keyOfTruth, truthCaptures } from './truth-files.ts';

const groups = ['ndpi', 'arkime', 'ipfixprobe', 'wireshark', 'quic-retina', 'dnscap', 'zeek'];

/** What is known to differ, and why: capture, flow, cause. */
const readDifferences = (): Map<string, string> =>
  new Map(
    readFileSync(new URL('differences.tsv', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t') as [string, string, string])
      .map(([capture, flow, cause]) => [`${capture}\t${flow}`, cause]),
  );

describe.skipIf(!hasSharedData)('captures', () => {
  const captures = hasSharedData ? groups.flatMap(truthCaptures) : [];

  test('the truth is there', () => {
    expect(captures.length).toBeGreaterThan(165);
  });

  test('packets and IP bytes of flows equal those of tshark; what differs is listed by its cause', async () => {
    const listed = readDifferences();
    const differing: string[] = [];
    let flows = 0;
    let equalNdpi = 0;
    let flowsNdpi = 0;
    for (const capture of captures) {
      const ours = (await importRows([capture.path])).flows;
      for (const [key, isEqual] of compareCounts(capture.flows, ours)) {
        if (!isEqual) differing.push(`${capture.name}\t${key}`);
        flows++;
        if (capture.name.startsWith('ndpi/')) {
          flowsNdpi++;
          equalNdpi += isEqual ? 1 : 0;
        }
      }
    }
    expect(differing.sort()).toEqual([...listed.keys()].sort());
    expect(flows).toBeGreaterThan(2500);
    expect(equalNdpi / flowsNdpi).toBeGreaterThanOrEqual(0.985);
  });

  test('server names of TLS and QUIC and hosts of HTTP over TCP are those of tshark, all of them', async () => {
    const wrong: string[] = [];
    let names = 0;
    for (const capture of captures) {
      // SSDP writes requests like HTTP's into UDP; it asks for no host.
      const wanted = capture.names.filter(({ port }) => port !== 1900);
      if (wanted.length === 0) continue;
      const ours = byKey((await importRows([capture.path])).flows);
      for (const { via, client, cport, server, port, name } of wanted) {
        const proto = via === 'quic' ? 'udp' : 'tcp';
        const flows = ours.get(keyOfTruth({ proto, a: [client, cport], b: [server, port] })) ?? [];
        if (flows.length === 0 && cport === 0) continue;
        names++;
        const found = flows.map((flow) => (via === 'http' ? flow.http_host : flow.tls_sni));
        const host = via === 'http' ? name.replace(/:\d+$/, '') : name;
        if (!found.includes(host)) wrong.push(`${capture.name} ${via} ${client}#${cport} ${name}: ${found.join(' ')}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(names).toBeGreaterThan(150);
  });

  test('the latest DNS answer and all of them label every flow as the truth says', async () => {
    const wrong: string[] = [];
    let labels = 0;
    for (const capture of captures) {
      if (capture.labels.length === 0) continue;
      const ours = byKey((await importRows([capture.path])).flows);
      for (const label of capture.labels) {
        // The truth makes flows without ports of fragments, and labels them.
        if (label.a[1] === 0 && capture.name.includes('fuzz')) continue;
        labels++;
        const flows = ours.get(keyOfTruth(label)) ?? [];
        const flow = flows.find(({ started_at }) => Math.abs((started_at as number) / 1e6 - label.t) < 0.001);
        const candidates = new Set((flow?.dns_candidates ?? []) as string[]);
        const isSame = candidates.size === label.dns_all.length && label.dns_all.every((name) => candidates.has(name));
        if (flow?.dns_name !== label.dns_last || !isSame) {
          wrong.push(
            `${capture.name} ${keyOfTruth(label)}: ${flow?.dns_name} [${[...candidates]}], not ${label.dns_last}`,
          );
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(labels).toBeGreaterThan(90);
  });
});

test.skipIf(!hasSharedData)('WhatsApp chat flows without a name in them are named by DNS', async () => {
  const { flows, dns } = await importRows([sharedData('captures/ndpi/whatsapp_login_call.pcap')]);
  expect(
    flows.find(({ server_ip, server_port }) => server_ip === '184.173.179.37' && server_port === 5222),
  ).toMatchObject({
    fqdn: 'e13.whatsapp.net',
    fqdn_source: 'dns',
    dns_evidence: 'valid',
    dns_ttl_s: 2925,
    service: 'whatsapp',
    class: 'chat',
    service_source: 'name',
  });
  expect(dns.find(({ qname }) => qname === 'e13.whatsapp.net')!.answers).toHaveLength(8);
  const voice = await importRows([sharedData('captures/ndpi/wa_voice.pcap')]);
  expect(
    voice.flows.find(({ server_ip, server_port }) => server_ip === '157.240.20.53' && server_port === 5222),
  ).toMatchObject({
    fqdn: 'g.whatsapp.net',
    class: 'chat',
  });
  expect(voice.dns.find(({ qname }) => qname === 'g.whatsapp.net')!.aliases).toEqual(['chat.cdn.whatsapp.net']);
});
