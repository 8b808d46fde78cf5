/** The headers between the start of a frame and IP, for links and tags rarer than untagged Ethernet. */
import { FrameReason } from './frame-reason.ts';
import { skipFrameRelay } from './frame-relay.ts';
import { LinkType } from './frame-sink.ts';
import { skipMpls } from './mpls.ts';
import { Header, type NextHeader } from './next-header.ts';
import { skipNflog } from './nflog.ts';
import { skipCiscoHdlc, skipPpp, skipPppoe } from './ppp.ts';
import { skipPrism, skipRadiotap } from './radio-header.ts';
import { skipLlc, skipWifi } from './wifi.ts';

const MAX_HEADERS = 16;
const TAG_BYTES = 4;
const ETHERNET_BYTES = 14;
/** What stands in place of an EtherType up to here is a length, and LLC follows (IEEE 802.3). */
const MAX_LENGTH = 1500;

/** The header that a frame of a link begins with; `Header.NONE` if the link is not known. */
export const headerOfLink = (linkType: number): number => {
  switch (linkType) {
    case LinkType.PPP:
    case LinkType.PPP_HDLC:
      return Header.PPP;
    case LinkType.PPP_ETHER:
      return Header.PPPOE;
    case LinkType.CISCO_HDLC:
      return Header.CISCO_HDLC;
    case LinkType.FRAME_RELAY:
      return Header.FRAME_RELAY;
    case LinkType.WIFI:
      return Header.WIFI;
    case LinkType.WIFI_RADIOTAP:
      return Header.RADIOTAP;
    case LinkType.WIFI_PRISM:
    case LinkType.WIFI_AVS:
      return Header.PRISM;
    case LinkType.NFLOG:
      return Header.NFLOG;
    default:
      return Header.NONE;
  }
};

const skipTag = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (!next.skip(TAG_BYTES, Header.NONE)) return FrameReason.LINK_TRUNCATED;
  next.vlan = ((bytes[at]! << 8) | bytes[at + 1]!) & 0xfff;
  next.kind = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return FrameReason.OK;
};

const skipEthernet = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (!next.skip(ETHERNET_BYTES, Header.NONE)) return FrameReason.LINK_TRUNCATED;
  next.kind = (bytes[at + 12]! << 8) | bytes[at + 13]!;
  return FrameReason.OK;
};

const skipOne = (bytes: Uint8Array, next: NextHeader): number => {
  switch (next.kind) {
    case Header.VLAN:
    case Header.SERVICE_VLAN:
    case Header.OLD_SERVICE_VLAN:
      return skipTag(bytes, next);
    case Header.MPLS:
    case Header.MPLS_MULTICAST:
      return skipMpls(bytes, next);
    case Header.PPPOE:
      return skipPppoe(bytes, next);
    case Header.PPP:
      return skipPpp(bytes, next);
    case Header.ETHERNET:
      return skipEthernet(bytes, next);
    case Header.LLC:
      return skipLlc(bytes, next);
    case Header.WIFI:
      return skipWifi(bytes, next);
    case Header.RADIOTAP:
      return skipRadiotap(bytes, next);
    case Header.PRISM:
      return skipPrism(bytes, next);
    case Header.CISCO_HDLC:
      return skipCiscoHdlc(bytes, next);
    case Header.FRAME_RELAY:
      return skipFrameRelay(bytes, next);
    case Header.NFLOG:
      return skipNflog(bytes, next);
    default:
      if (next.kind < 0 || next.kind > MAX_LENGTH) return FrameReason.NOT_IP;
      next.kind = Header.LLC;
      return FrameReason.OK;
  }
};

/**
 * Moves `next` on to an IP header.
 *
 * @returns a `FrameReason`; OK if there is one
 */
export const skipLinkHeaders = (bytes: Uint8Array, next: NextHeader): number => {
  for (let headers = 0; headers < MAX_HEADERS; headers++) {
    if (next.kind === Header.IPV4 || next.kind === Header.IPV6) return FrameReason.OK;
    const reason = skipOne(bytes, next);
    if (reason !== FrameReason.OK) return reason;
  }
  return FrameReason.NOT_IP;
};
