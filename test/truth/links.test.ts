/** Rare links and tunnels, packet by packet: the ends of the innermost packet are those that tshark shows. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../src/capture/read-capture.ts';
import { formatIpv4, formatIpv6, wordAt } from '../../src/packet/address.ts';
import { Fragments } from '../../src/packet/fragments.ts';
import { FrameReason, frameReasons } from '../../src/packet/frame-reason.ts';
import { Layers } from '../../src/packet/layers.ts';
import { hasProgram, hasSharedData, sharedData } from '../needs.ts';

const captures = [
  'captures/arkime/icmp-frame-relay.pcap',
  'captures/arkime/mpls-basic.pcap',
  'captures/arkime/nflog.pcap',
  'captures/ndpi/6in4tunnel.pcap',
  'captures/ndpi/BGP_Cisco_hdlc_slarp.pcap',
  'captures/ndpi/capwap_data.pcapng',
  'captures/ndpi/gre.pcapng',
  'captures/suricata-verify/0bdf3408ea59.pcap',
  'captures/suricata-verify/1ffaf0c5de63.pcap',
  'captures/suricata-verify/24986c327320.pcap',
  'captures/suricata-verify/37e511ee2e6f.pcap',
  'captures/suricata-verify/3f9ab896f1a7.pcap',
  'captures/zeek/traces/pppoe.pcap',
  'captures/zeek/traces/tunnels/gtp/gtp1_gn_normal_incl_fragmentation.pcap',
  'robustness/pcapplusplus/gtp-u.pcap',
  'robustness/pcapplusplus/gtp.pcap',
  'robustness/tcpdump/OSPFv3_NBMA_adjacencies.pcap',
  'robustness/tcpdump/OSPFv3_multipoint_adjacencies.pcap',
  'robustness/tcpdump/bgp_vpn_attrset.pcap',
  'robustness/tcpdump/erspan-type-i-2.pcap',
  'robustness/tcpdump/gso-ipv4-geneve-ipv4.pcap',
  'robustness/tcpdump/gso-ipv6-geneve-ipv4.pcap',
  'robustness/tcpdump/ieee802.11_htc.pcap',
  'robustness/tcpdump/mpls-ldp-hello.pcap',
  'robustness/tcpdump/vrrp-vrrp_print-oobr.pcap',
];

/** Source and destination of each packet, innermost; '' if it is no IP. */
const byTshark = (path: string): string[] => {
  const fields = ['frame.protocols', '_ws.col.Source', '_ws.col.Destination'];
  const { stdout } = spawnSync(
    'tshark',
    ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((name) => ['-e', name])],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([protocols, source, destination]) =>
      /(^|:)ip(v6)?(:|$)/.test(protocols!) ? `${source} ${destination}` : '',
    );
};

/** The same, or the reason why a packet is no packet of a flow. */
const read = async (path: string): Promise<string[]> => {
  const layers = new Layers();
  const fragments = new Fragments();
  const told: string[] = [];
  const frame = (bytes: Uint8Array, start: number, captured: number, original: number, at: number, link: number) => {
    let reason = layers.decode(bytes, start, captured, original, link);
    if (reason === FrameReason.IP_FRAGMENT) reason = fragments.read(layers, at);
    const address = (place: number): string =>
      layers.v6 ? formatIpv6(layers.bytes, place) : formatIpv4(wordAt(layers.bytes, place));
    told.push(
      reason === FrameReason.OK
        ? `${address(layers.sourceAt)} ${address(layers.destinationAt)}`
        : frameReasons[reason]!,
    );
  };
  await readCapture(path, { frame });
  return told;
};

describe.skipIf(!hasSharedData || !hasProgram('tshark'))('links and tunnels', () => {
  test.each(captures)('%s', async (name) => {
    const path = sharedData(name);
    const ours = await read(path);
    const theirs = byTshark(path);
    expect(theirs).toHaveLength(ours.length);
    const isWaiting = (told: string): boolean => told === 'ip-fragment';
    expect(ours.map((told) => (told === 'not-ip' ? '' : told)).filter((told) => !isWaiting(told))).toEqual(
      theirs.filter((_, i) => !isWaiting(ours[i]!)),
    );
    // Of the capture with fragments all become whole.
    expect(ours.filter(isWaiting).length).toBe(name.includes('fragmentation') ? 40 : 0);
  });
});
