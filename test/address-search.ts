/** Looks for addresses in bytes, in every form in which they could have been written there: text, reverse name, network order. */
import ipaddr from 'ipaddr.js';

/** Where a form may not be part of something longer: `10.0.0.1` is not in `10.0.0.11`. */
type Boundary = 'decimal' | 'hexadecimal' | 'none';

interface Form {
  readonly address: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly boundary: Boundary;
}

export interface Finding {
  readonly address: string;
  /** How it was written. */
  readonly form: string;
  /** What stands around it. */
  readonly context: string;
}

const boundaries: Readonly<Record<Boundary, readonly [before: RegExp, after: RegExp]>> = {
  decimal: [/[0-9]/, /[0-9]/],
  // A colon before is let pass, for it may be that of `ip6:`; one behind would continue the address.
  hexadecimal: [/[0-9a-f]/, /[0-9a-f:]/],
  none: [/[^\s\S]/, /[^\s\S]/],
};

/** Not any of the code's own functions: what is looked for must not depend on what looks after it. */
const formsOf = (address: string): readonly Form[] => {
  const parsed = ipaddr.parse(address);
  const raw = Buffer.from(parsed.toByteArray());
  const text = (name: string, value: string, boundary: Boundary): Form => ({
    address,
    name,
    bytes: Buffer.from(value, 'latin1'),
    boundary,
  });
  if (parsed.kind() === 'ipv4') {
    const octets = [...raw];
    const reversed = octets.toReversed();
    const forms = [
      text('text', octets.join('.'), 'decimal'),
      text('dashes', octets.join('-'), 'decimal'),
      text('reverse name', `${reversed.join('.')}.in-addr.arpa`, 'decimal'),
      text('hexadecimal', raw.toString('hex'), 'hexadecimal'),
    ];
    return isLocal(address) ? [...forms, ...zonesOf(address)] : forms;
  }
  const groups = Array.from({ length: 8 }, (_, i) => raw.readUInt16BE(2 * i).toString(16));
  const nibbles = [...raw.toString('hex')];
  return [
    text('text', parsed.toString(), 'hexadecimal'),
    text('all groups', groups.join(':'), 'hexadecimal'),
    text('fixed length', groups.map((group) => group.padStart(4, '0')).join(':'), 'hexadecimal'),
    text('reverse name', `${nibbles.toReversed().join('.')}.ip6.arpa`, 'none'),
    text('hexadecimal', raw.toString('hex'), 'hexadecimal'),
    { address, name: 'network order', bytes: raw, boundary: 'none' },
  ];
};

/** The reverse zones of a subscriber's /24 and /16. */
const zonesOf = (address: string): readonly Form[] => {
  const [a, b, c] = ipaddr.parse(address).toByteArray();
  return [`${c}.${b}.${a}`, `${b}.${a}`].map((labels) => ({
    address,
    name: 'reverse zone',
    bytes: Buffer.from(`${labels}.in-addr.arpa`),
    boundary: 'decimal',
  }));
};

/** Private, shared or link-local: a subscriber's wherever it appears. */
export const isLocal = (address: string): boolean =>
  ['private', 'carrierGradeNat', 'linkLocal', 'uniqueLocal'].includes(ipaddr.process(address).range());

/** `10.0.0.0/24` names a block, which its first address does not give away. */
const isBlock = (address: string, behind: string): boolean => {
  const length = /^\/(\d{1,3})/.exec(behind)?.[1];
  if (length === undefined) return false;
  const raw = Buffer.from(ipaddr.parse(address).toByteArray());
  const bits = BigInt(`0x${raw.toString('hex')}`);
  const hostBits = 8 * raw.length - Number(length);
  return hostBits > 0 && BigInt.asUintN(hostBits, bits) === 0n;
};

/** An address that stands for nobody: unspecified, loopback, to all or to a group. */
export const isNobodys = (address: string): boolean =>
  ['unspecified', 'loopback', 'broadcast', 'multicast'].includes(ipaddr.process(address).range());

const CONTEXT = 24;
const prefixOf = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at);
/** Bits by which most positions are passed over. */
const slotOf = (prefix: number): number => Math.imul(prefix, 0x9e3779b1) >>> 16;

/** Finds any number of addresses in one pass over the bytes. */
export class AddressSearch {
  /** Forms by their first four bytes. */
  readonly #forms = new Map<number, Form[]>();
  readonly #slots = new Uint8Array(1 << 16);
  /** An address is also a number, in either byte order. */
  readonly #numbers = new Map<number, string>();

  constructor(addresses: Iterable<string>) {
    for (const address of addresses) {
      for (const form of formsOf(address)) this.#add(form);
      const raw = Buffer.from(ipaddr.parse(address).toByteArray());
      if (raw.length === 4)
        for (const number of [raw.readUInt32BE(), raw.readUInt32LE()]) this.#numbers.set(number, address);
    }
  }

  /** Adds a pair of addresses as a packet header has them, in network order. */
  addHeader(from: string, to: string): void {
    const raw = [from, to].map((address) => Buffer.from(ipaddr.parse(address).toByteArray()));
    this.#add({ address: from, name: 'packet header', bytes: Buffer.concat(raw), boundary: 'none' });
  }

  #add(form: Form): void {
    const prefix = prefixOf(form.bytes, 0);
    const forms = this.#forms.get(prefix) ?? [];
    this.#forms.set(prefix, forms);
    forms.push(form);
    this.#slots[slotOf(prefix)] = 1;
  }

  /** What of the addresses stands in the bytes; letters of either case. */
  inBytes(bytes: Buffer): readonly Finding[] {
    const findings: Finding[] = [];
    let prefix = 0;
    for (let i = 0; i < bytes.length; i++) {
      prefix = ((prefix << 8) | bytes[i]!) >>> 0;
      if (i < 3 || this.#slots[slotOf(prefix)] === 0) continue;
      for (const form of this.#forms.get(prefix) ?? []) {
        const start = i - 3;
        const end = start + form.bytes.length;
        if (!form.bytes.equals(bytes.subarray(start, end))) continue;
        const [before, after] = boundaries[form.boundary];
        if (before.test(String.fromCharCode(bytes[start - 1] ?? 32))) continue;
        if (after.test(String.fromCharCode(bytes[end] ?? 32))) continue;
        if (isBlock(form.address, bytes.toString('latin1', end, end + 4))) continue;
        const context = bytes.toString('latin1', Math.max(0, start - CONTEXT), end + CONTEXT);
        findings.push({ address: form.address, form: form.name, context });
      }
    }
    return findings;
  }

  /** What of the addresses stands in the text. */
  inText(text: string): readonly Finding[] {
    return this.inBytes(Buffer.from(text.toLowerCase()));
  }

  /** What of the addresses stands in any part of a value, numbers included. */
  inValue(value: unknown): readonly Finding[] {
    if (typeof value === 'string') return this.inText(value);
    if (typeof value === 'number' || typeof value === 'bigint') {
      const address = this.#numbers.get(Number(value));
      return address === undefined ? [] : [{ address, form: 'number', context: String(value) }];
    }
    return typeof value === 'object' && value !== null
      ? Object.values(value).flatMap((part) => this.inValue(part))
      : [];
  }
}
