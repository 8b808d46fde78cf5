/** The fingerprint of a planted SYN, as the probe writes it. */
import { Interner } from '../kit/interner.ts';
import { TcpFlag } from '../packet/layers.ts';
import { SynSignatures } from '../packet/syn-signature.ts';
import { FrameBuilder, type Path } from './frame.ts';
import type { SynProfile } from './tcp-segments.ts';

const interner = new Interner();
const signatures = new SynSignatures(interner);
/** By profile, and by family and hop limit in it: all SYNs of a kind of telephone have the same. */
const known = new WeakMap<SynProfile, Map<string, string>>();

export const synSignature = (path: Path, syn: SynProfile): string => {
  const kinds = known.get(syn) ?? new Map<string, string>();
  known.set(syn, kinds);
  const kind = `${path.client.address.length} ${path.clientTtl}`;
  let signature = kinds.get(kind);
  if (signature === undefined) {
    const header = { sequence: 1, acknowledgment: 0, flags: TcpFlag.SYN, ...syn };
    const { bytes } = new FrameBuilder(path).tcp(0, 'up', header);
    const ipAt = path.vlan === undefined ? 14 : 18;
    const transportAt = ipAt + (path.client.address.length === 16 ? 40 : 20);
    signature = interner.text(signatures.code(bytes, ipAt, transportAt, bytes.length, 0));
    kinds.set(kind, signature);
  }
  return signature;
};
