/** Keywords of IANA's registry of protocol numbers, for the protocols met on the Internet. */

const names: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipv4',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  88: 'eigrp',
  89: 'ospfigp',
  103: 'pim',
  112: 'vrrp',
  132: 'sctp',
  136: 'udplite',
};

/** 'tcp', 'udp' ..., or the number as text. */
export const protocolName = (protocol: number): string => names[protocol] ?? String(protocol);
