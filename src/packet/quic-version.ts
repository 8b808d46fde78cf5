/** The versions of QUIC: what they are called, and from what their Initial packets take their keys (RFC 9001 5.2, RFC 9369 3.3). */
import { HmacSha256 } from '../kit/hmac-sha256.ts';

export interface QuicVersion {
  /**
   * '1', '2', 'draft-29', 'mvfst-27' (Facebook's, with the draft it follows), and Google's own: 'T051' with TLS, 'Q046'
   * with Google's handshake.
   */
  readonly name: string;
  /** Its Initial packets are enciphered with keys from this salt, a key itself; absent in versions whose handshake is in the clear. */
  readonly salt?: HmacSha256;
  /** What the labels of keys begin with. */
  readonly label: 'quic' | 'quicv2';
  /** What the CRYPTO stream carries: TLS messages or Google's. */
  readonly handshake: 'tls' | 'google';
  /** How frames are written: as in RFC 9000 or in Google's way. */
  readonly frames: 'ietf' | 'google';
}

const salts = {
  draft22: '7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a',
  draft23: 'c3eef712c72ebb5a11a7d2432bb46365bef9f502',
  draft29: 'afbfec289993d24c9e9786f19c6111e04390a899',
  v1: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a',
  v2Draft: 'a707c203a59b47184a1d62ca570406ea7ae3e5d3',
  v2: '0dede3def700a6db819381be6e269dcbf9bd2ed9',
  q050: '504574efd066fe2f9d945cfcdbd3a7f0d3b56b45',
  t050: '7ff579e5acd072915580304c43a2367c60488310',
  t051: '7a4edef4e7ccee5fa4506c19124fc8ccda6e033d',
} as const;

const tls = (name: string, salt: keyof typeof salts, label: QuicVersion['label'] = 'quic'): QuicVersion => ({
  name,
  salt: new HmacSha256().setKey(Buffer.from(salts[salt], 'hex')),
  label,
  handshake: 'tls',
  frames: 'ietf',
});

const saltOfDraft = (draft: number): keyof typeof salts =>
  draft <= 22 ? 'draft22' : draft <= 28 ? 'draft23' : draft <= 32 ? 'draft29' : 'v1';

/** Drafts 22 and later have the header of RFC 9000; they call themselves 0xff000000 and their number. */
const drafts = Array.from({ length: 13 }, (_, i): readonly [number, QuicVersion] => [
  0xff000016 + i,
  tls(`draft-${22 + i}`, saltOfDraft(22 + i)),
]);

const versions = new Map<number, QuicVersion>([
  [0x00000001, tls('1', 'v1')],
  [0x6b3343cf, tls('2', 'v2', 'quicv2')],
  [0x709a50c4, tls('2-draft', 'v2Draft', 'quicv2')],
  ...drafts,
  [0xfaceb001, tls('mvfst-22', 'draft22')],
  [0xfaceb002, tls('mvfst-27', 'draft23')],
  [0x54303530, { ...tls('T050', 't050'), frames: 'google' }],
  [0x54303531, { ...tls('T051', 't051'), frames: 'google' }],
  [0x51303530, { ...tls('Q050', 'q050'), handshake: 'google', frames: 'google' }],
  [0x51303436, { name: 'Q046', label: 'quic', handshake: 'google', frames: 'google' }],
]);

/** The version of a number of 32 bits, signed or not. */
export const quicVersionOf = (version: number): QuicVersion | undefined => versions.get(version >>> 0);
