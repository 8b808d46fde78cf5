/** A datagram that arrives in fragments (RFC 791 3.2, RFC 8200 4.5): its bytes as far as they came, and what is known of the rest. */

/** Room in front of the content for an IP header; before that, the addresses of the GTP nodes around the datagram. */
export const PEER_ADDRESS_BYTES = 16;
const MAX_HEADER_BYTES = 60;
export const CONTENT_AT = 2 * PEER_ADDRESS_BYTES + MAX_HEADER_BYTES;

/** Room for content of a datagram of two full packets; a larger one grows. */
export const LEAST_BYTES = 4096;
/** Gaps and cuts; a network that loses or reorders makes few. */
const MAX_PIECES = 64;
/** A piece is where it begins, where it ends by its IP header, and where its captured part ends. */
const PIECE = 3;

export interface Datagram {
  readonly v6: boolean;
  /** What its fragments have in common. */
  readonly key: string;
  /** Packet times of the first and the latest fragment, microseconds. */
  readonly firstAt: number;
  lastAt: number;
  /** Fragments that came, and their IP bytes. */
  packets: number;
  ipBytes: number;
  /** The content from `CONTENT_AT` on. */
  bytes: Uint8Array;
  /** By their begin, without overlap. */
  readonly pieces: number[];
  /** Content bytes that came, by the headers, and where they end. */
  covered: number;
  extent: number;
  /** Content bytes of the whole, -1 before the last fragment came. */
  total: number;
  /** From the first fragment, without which there is no datagram: what its header says. */
  hasFirst: boolean;
  headerBytes: number;
  protocol: number;
  ttl: number;
  vlan: number;
  tunnel: number;
  teid: number;
  gtpV6: boolean;
}

export const newDatagram = (key: string, v6: boolean, at: number, bytes: Uint8Array): Datagram => ({
  v6,
  key,
  firstAt: at,
  lastAt: at,
  packets: 0,
  ipBytes: 0,
  bytes,
  pieces: [],
  covered: 0,
  extent: 0,
  total: -1,
  hasFirst: false,
  headerBytes: 0,
  protocol: 0,
  ttl: 0,
  vlan: -1,
  tunnel: 0,
  teid: 0,
  gtpV6: false,
});

/** Did every byte come, be it captured or not? */
export const isWhole = ({ covered, total }: Datagram): boolean => covered === total;

/** Content bytes captured from the start on, without a gap. */
export const contentBytes = ({ pieces }: Datagram): number => {
  let end = 0;
  for (let i = 0; i < pieces.length && pieces[i] === end; i += PIECE) {
    end = pieces[i + 2]!;
    if (end < pieces[i + 1]!) break;
  }
  return end;
};

const makeRoom = (datagram: Datagram, contentEnd: number): void => {
  const wanted = CONTENT_AT + contentEnd;
  if (wanted <= datagram.bytes.length) return;
  const grown = new Uint8Array(Math.max(wanted, Math.min(2 * datagram.bytes.length, CONTENT_AT + 0xffff)));
  grown.set(datagram.bytes);
  datagram.bytes = grown;
};

/**
 * Adds the content [from, to), of which [from, captured) are the bytes at `sourceAt`. What came before stays as it is:
 * only gaps are filled.
 *
 * @returns false if there are too many gaps
 */
export const addPiece = (
  datagram: Datagram,
  from: number,
  to: number,
  captured: number,
  source: Uint8Array,
  sourceAt: number,
): boolean => {
  const { pieces } = datagram;
  makeRoom(datagram, captured);
  datagram.extent = Math.max(datagram.extent, to);
  let begin = from;
  for (let i = 0; begin < to; i += PIECE) {
    const gapEnd = i < pieces.length ? pieces[i]! : to;
    const end = Math.min(gapEnd, to);
    if (begin < end) {
      const capturedEnd = Math.max(begin, Math.min(end, captured));
      datagram.bytes.set(source.subarray(sourceAt + begin - from, sourceAt + capturedEnd - from), CONTENT_AT + begin);
      datagram.covered += end - begin;
      // Most pieces follow the one before.
      if (i > 0 && pieces[i - 2] === begin && pieces[i - 1] === begin) {
        pieces[i - 2] = end;
        pieces[i - 1] = capturedEnd;
        i -= PIECE;
      } else if (pieces.length === MAX_PIECES * PIECE) return false;
      else pieces.splice(i, 0, begin, end, capturedEnd);
    }
    // Goes on behind the piece at i.
    if (i + PIECE > pieces.length) break;
    begin = Math.max(begin, pieces[i + 1]!);
  }
  return true;
};
