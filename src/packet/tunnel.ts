/** Encapsulations that are taken off, and how those around a packet are written down in one number. */

/** By `Tunnel`. */
const tunnelNames = [
  '',
  'vxlan',
  'gtp',
  'gre',
  'geneve',
  'teredo',
  'capwap',
  '4in4',
  '4in6',
  '6in4',
  '6in6',
  'erspan',
  'pptp',
] as const;

export const Tunnel = {
  NONE: 0,
  VXLAN: 1,
  GTP: 2,
  GRE: 3,
  GENEVE: 4,
  TEREDO: 5,
  CAPWAP: 6,
  IPV4_IN_IPV4: 7,
  IPV4_IN_IPV6: 8,
  IPV6_IN_IPV4: 9,
  IPV6_IN_IPV6: 10,
  ERSPAN: 11,
  PPTP: 12,
} as const;

const BITS = 4;
const MAX_TUNNELS = 3;

/** Is there no room for another encapsulation? A packet in more is read as far as the third. */
export const isDeepest = (tunnels: number): boolean => tunnels >>> (BITS * (MAX_TUNNELS - 1)) !== 0;

/** Adds an encapsulation inside of those there, four bits each, the outermost lowest. */
export const withTunnel = (tunnels: number, tunnel: number): number => {
  let shift = 0;
  while (tunnels >>> shift !== 0) shift += BITS;
  return tunnels | (tunnel << shift);
};

/**
 * Names of the encapsulations, outermost first; '' without any.
 *
 * @example
 * tunnelText(withTunnel(Tunnel.GTP, Tunnel.TEREDO)) // 'gtp teredo'
 */
export const tunnelText = (tunnels: number): string => {
  let text = '';
  for (let rest = tunnels; rest !== 0; rest >>>= BITS) {
    text += (text === '' ? '' : ' ') + tunnelNames[rest & ((1 << BITS) - 1)]!;
  }
  return text;
};

/** Is GTP among the encapsulations? */
export const isInGtp = (tunnels: number): boolean => {
  for (let rest = tunnels; rest !== 0; rest >>>= BITS) if ((rest & ((1 << BITS) - 1)) === Tunnel.GTP) return true;
  return false;
};
