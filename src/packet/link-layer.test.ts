import { describe, expect, test } from 'vitest';
import { LinkType } from './frame-sink.ts';
import { ethernet, expectedTcp, expectedUdp, hex, ipv4Tcp, ipv6Udp, linkHeads, read } from './layers.test-helper.ts';

describe('links', () => {
  test.each(linkHeads)('%s', (_, linkType, head) => {
    const frame = hex(`${head} ${ipv4Tcp}`);
    expect(read(frame, linkType)).toEqual(expectedTcp);
    for (let captured = 0; captured < hex(head).length; captured++) {
      expect(read(frame, linkType, 300, captured), `cut to ${captured}`).toBe('link-truncated');
    }
  });

  test.each([
    ['raw IP', LinkType.RAW, ''],
    ['raw IPv6', LinkType.IPV6, ''],
    ['BSD loopback', LinkType.NULL, '1e000000'],
    ['PPP', LinkType.PPP, '57'],
    ['Frame Relay', LinkType.FRAME_RELAY, '1841 03 8e'],
    ['MPLS', LinkType.ETHERNET, `${ethernet} 8848 000101ff`],
    ['netfilter log', LinkType.NFLOG, '0a 00 0000 3700 0900'],
  ])('IPv6 on %s', (_, linkType, head) => {
    expect(read(hex(`${head} ${ipv6Udp}`), linkType)).toEqual(expectedUdp);
  });

  test.each([
    ['802.1Q', '8100 6064', 100],
    ['802.1ad over 802.1Q: the inner tag counts', '88a8 0007 8100 0064', 100],
    ['the old number of stacked tags', '9100 0007 9100 0008 8100 0009', 9],
    ['ten tags', '8100 0001 '.repeat(10).trim(), 1],
    ['a tag before PPPoE', '8100 0064 8864 11 00 0001 002d 0021', 100],
    ['tags on both sides of a pseudowire', `8100 0007 8847 000101ff 00000000 ${ethernet} 8100 0064`, 100],
  ])('VLAN tags: %s', (_, tags, vlan) => {
    const etherType = tags.endsWith('0021') ? '' : '0800';
    expect(read(hex(`${ethernet} ${tags} ${etherType} ${ipv4Tcp}`), LinkType.ETHERNET)).toEqual({
      ...expectedTcp,
      vlan,
    });
  });

  test('the attribute of a netfilter log ends its packet', () => {
    const attributes = '0500 0a00 41 000000 2d00 0900';
    const frame = hex(`02 00 0000 ${attributes} ${ipv4Tcp}`);
    expect(read(frame, LinkType.NFLOG)).toEqual({ ...expectedTcp, payload: 'a' });
  });

  const wifi = (control: string, sequence = '1000'): string =>
    `${control} 0000 ${'02'.repeat(18)} ${sequence} aaaa03 000000 0800 ${ipv4Tcp}`;
  test.each([
    ['an unknown link', 147, ipv4Tcp, 'link-unknown'],
    ['ARP', LinkType.ETHERNET, `${ethernet} 0806 0001`, 'not-ip'],
    ['tags without end', LinkType.ETHERNET, `${ethernet} ${'8100 0001 '.repeat(20)} 0800 ${ipv4Tcp}`, 'not-ip'],
    ['a cut tag', LinkType.ETHERNET, `${ethernet} 8100 00`, 'link-truncated'],
    ['labels without end', LinkType.ETHERNET, `${ethernet} 8847 ${'000100ff'.repeat(33)} ${ipv4Tcp}`, 'not-ip'],
    ['a channel beside a pseudowire', LinkType.ETHERNET, `${ethernet} 8847 000101ff 10000021 ${ipv4Tcp}`, 'not-ip'],
    ['spanning tree in LLC', LinkType.ETHERNET, `${ethernet} 0026 424203 0000000000`, 'not-ip'],
    ['SNAP of an organisation', LinkType.ETHERNET, `${ethernet} 0026 aaaa03 00000c 0800 ${ipv4Tcp}`, 'not-ip'],
    ['what is no IP on raw IP', LinkType.RAW, `aaaa03 000000 0800 ${ipv4Tcp}`, 'not-ip'],
    ['link control of PPP', LinkType.PPP, 'ff03 c021 0901 0008 00000000', 'not-ip'],
    ['discovery of PPPoE', LinkType.ETHERNET, `${ethernet} 8863 11 09 0000 0000`, 'not-ip'],
    ['another code of PPPoE', LinkType.ETHERNET, `${ethernet} 8864 11 a7 0001 002d 0021 ${ipv4Tcp}`, 'not-ip'],
    ['a Frame Relay address without end', LinkType.FRAME_RELAY, '1840404040', 'not-ip'],
    ['a beacon', LinkType.WIFI, wifi('8000'), 'not-ip'],
    ['data without data', LinkType.WIFI, wifi('4801'), 'not-ip'],
    ['a protected frame', LinkType.WIFI, wifi('0841'), 'link-unreadable'],
    ['a first fragment of 802.11', LinkType.WIFI, wifi('0805'), 'link-unreadable'],
    ['a last fragment of 802.11', LinkType.WIFI, wifi('0801', '1100'), 'link-unreadable'],
    ['a radiotap header of another version', LinkType.WIFI_RADIOTAP, `01 00 0800 00000000 ${wifi('0801')}`, 'not-ip'],
    ['a Prism header that is too long', LinkType.WIFI_PRISM, `44000000 ffffffff ${wifi('0801')}`, 'not-ip'],
    ['a netfilter log without a packet', LinkType.NFLOG, '02 00 0000 0400 0a00', 'link-truncated'],
    ['a netfilter attribute shorter than its header', LinkType.NFLOG, '02 00 0000 0300 0a00 00000000', 'not-ip'],
  ])('%s is told apart', (_, linkType, frame, reason) => {
    expect(read(hex(frame), linkType)).toBe(reason);
  });
});
