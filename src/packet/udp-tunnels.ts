/** Tunnels in UDP: VXLAN (RFC 7348), GENEVE (RFC 8926), GTP, Teredo, CAPWAP, told by their ports. */
import { wordAt } from './address.ts';
import { CAPWAP_DATA_PORT, skipCapwap } from './capwap.ts';
import { skipGtpUser } from './gtp-user.ts';
import { Header, type NextHeader } from './next-header.ts';
import { looksLikeTeredo, skipTeredo, TEREDO_PORT } from './teredo.ts';
import { Tunnel } from './tunnel.ts';

const VXLAN_PORT = 4789;
const GENEVE_PORT = 6081;

/** Of each port the tunnel that may be behind it, in either direction. */
export const tunnelsByPort = (gtpPorts: readonly number[]): Uint8Array => {
  const tunnels = new Uint8Array(0x1_0000);
  tunnels[VXLAN_PORT] = Tunnel.VXLAN;
  tunnels[GENEVE_PORT] = Tunnel.GENEVE;
  tunnels[TEREDO_PORT] = Tunnel.TEREDO;
  tunnels[CAPWAP_DATA_PORT] = Tunnel.CAPWAP;
  for (const port of gtpPorts) tunnels[port] = Tunnel.GTP;
  return tunnels;
};

/** The flags word with nothing but the bit of a valid network id set. */
const VXLAN_FLAGS = 0x08000000;
const VXLAN_BYTES = 8;

const skipVxlan = (bytes: Uint8Array, next: NextHeader): boolean => {
  const { at } = next;
  if (!next.skip(VXLAN_BYTES, Header.ETHERNET)) return false;
  return wordAt(bytes, at) === VXLAN_FLAGS && bytes[at + 7] === 0;
};

const GENEVE_BYTES = 8;
/** Of the second byte: a message to the tunnel's ends. */
const GENEVE_CONTROL = 0x80;

const skipGeneve = (bytes: Uint8Array, next: NextHeader): boolean => {
  const { at } = next;
  if (at + GENEVE_BYTES > next.end) return false;
  // The first two bits are the version, 0; the rest of the byte the length of the options in words.
  const optionBytes = bytes[at]! << 2;
  if (bytes[at]! > 0x3f || (bytes[at + 1]! & GENEVE_CONTROL) !== 0) return false;
  return next.skip(GENEVE_BYTES + optionBytes, (bytes[at + 2]! << 8) | bytes[at + 3]!);
};

/**
 * Skips a tunnel's header in the payload of UDP.
 *
 * @param expected the `Tunnel` of the ports; NONE leaves Teredo, which has no port of its own between clients
 * @returns the `Tunnel`, NONE if there is none
 */
export const skipUdpTunnel = (bytes: Uint8Array, next: NextHeader, expected: number): number => {
  switch (expected) {
    case Tunnel.VXLAN:
      return skipVxlan(bytes, next) ? expected : Tunnel.NONE;
    case Tunnel.GENEVE:
      return skipGeneve(bytes, next) ? expected : Tunnel.NONE;
    case Tunnel.GTP:
      return skipGtpUser(bytes, next) ? expected : Tunnel.NONE;
    case Tunnel.CAPWAP:
      return skipCapwap(bytes, next) ? expected : Tunnel.NONE;
    default: {
      const isTeredo = expected === Tunnel.TEREDO || looksLikeTeredo(bytes, next);
      return isTeredo && skipTeredo(bytes, next) ? Tunnel.TEREDO : Tunnel.NONE;
    }
  }
};
