/** The fingerprint of a SYN as text, in the notation of p0f 3: version:ittl:olen:mss:wsize,scale:olayout:quirks:pclass. */
import type { Interner } from '../kit/interner.ts';
import { shortAt, wordAt } from './address.ts';
import { TcpFlag } from './layers.ts';

/** Bits of the quirks, in the order in which they are written. */
const quirkNames = [
  'df',
  'id+',
  'id-',
  'ecn',
  '0+',
  'flow',
  'seq-',
  'ack+',
  'uptr+',
  'urgf+',
  'pushf+',
  'ts1-',
  'ts2+',
  'opt+',
  'exws',
  'bad',
] as const;

const bitOf = (name: (typeof quirkNames)[number]): number => 1 << quirkNames.indexOf(name);
const DF = bitOf('df');
const ID_SET = bitOf('id+');
const ID_ZERO = bitOf('id-');
const ECN = bitOf('ecn');
const RESERVED = bitOf('0+');
const FLOW_LABEL = bitOf('flow');
const SEQUENCE_ZERO = bitOf('seq-');
const ACKNOWLEDGEMENT_SET = bitOf('ack+');
const URGENT_POINTER = bitOf('uptr+');
const URGENT = bitOf('urgf+');
const PUSH = bitOf('pushf+');
const TIMESTAMP_ZERO = bitOf('ts1-');
const ECHO_SET = bitOf('ts2+');
const PADDING_SET = bitOf('opt+');
const SCALE_EXCESSIVE = bitOf('exws');
const MALFORMED = bitOf('bad');
/** Beside the quirks in the same word. */
const V6 = 1 << 16;
const PAYLOAD = 1 << 17;

/** Options by kind: their names, and the length that they must have. */
const Kind = { EOL: 0, NOP: 1, MSS: 2, SCALE: 3, TIMESTAMP: 8 } as const;
const optionNames: Readonly<Record<number, readonly [name: string, length: number]>> = {
  2: ['mss', 4],
  3: ['ws', 3],
  4: ['sok', 2],
  8: ['ts', 10],
};
const SELECTIVE_ACK = 5;

/** The largest shift (RFC 7323 2.3). */
const MAX_SCALE = 14;
const TCP_HEADER_BYTES = 20;
const MAX_OPTION_BYTES = 40;
/** What is smaller is no plausible unit of a window. */
const LEAST_UNIT = 100;
const TIMESTAMP_BYTES = 12;

// A form: initial TTL and bytes of IP options; quirks; window and bytes of TCP options; those options without their clocks.
const FORM_WORDS = 3 + MAX_OPTION_BYTES / 4;
const OPTIONS_AT = 3;
const SLOTS = 1024;

/** Systems begin with one of these, and packets lose a few on their way. */
const toInitialTtl = (ttl: number): number => (ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255);

/** The length of the option at `at`, 0 if it cannot be right. */
const optionLength = (options: Uint8Array, at: number, end: number): number => {
  const length = at + 1 < end ? options[at + 1]! : 0;
  return length < 2 || at + length > end ? 0 : length;
};

interface Options {
  readonly layout: string;
  readonly mss: number;
  readonly scale: number;
  readonly hasTimestamp: boolean;
  readonly quirks: number;
}

const describeOptions = (options: Uint8Array, end: number): Options => {
  const layout: string[] = [];
  let mss = 0;
  let scale = 0;
  let hasTimestamp = false;
  let quirks = 0;
  for (let at = 0; at < end; ) {
    const kind = options[at]!;
    if (kind === Kind.NOP) {
      layout.push('nop');
      at++;
      continue;
    }
    if (kind === Kind.EOL) {
      layout.push(`eol+${end - at - 1}`);
      for (let padding = at + 1; padding < end; padding++) if (options[padding] !== 0) quirks |= PADDING_SET;
      break;
    }
    const [name, rightLength] = optionNames[kind] ?? [kind === SELECTIVE_ACK ? 'sack' : `?${kind}`, undefined];
    layout.push(name);
    const length = optionLength(options, at, end);
    if (length === 0 || length !== (rightLength ?? length)) {
      quirks |= MALFORMED;
      break;
    }
    if (kind === Kind.MSS) mss = shortAt(options, at + 2);
    else if (kind === Kind.SCALE) scale = options[at + 2]!;
    else if (kind === Kind.TIMESTAMP) hasTimestamp = true;
    at += length;
  }
  if (scale > MAX_SCALE) quirks |= SCALE_EXCESSIVE;
  return { layout: layout.join(','), mss, scale, hasTimestamp, quirks };
};

/** A window as a multiple of what a segment or a packet of this sender, or of Ethernet, holds; else as it is. */
const describeWindow = (
  window: number,
  mss: number,
  hasTimestamp: boolean,
  v6: boolean,
  headerBytes: number,
): string => {
  if (window === 0 || mss < LEAST_UNIT) return String(window);
  const ethernetMss = v6 ? [1460, 1448, 1440, 1428] : [1460, 1448];
  const units = hasTimestamp ? [mss, mss - TIMESTAMP_BYTES, ...ethernetMss] : [mss, ...ethernetMss];
  const mtus = [mss + 40, mss + headerBytes, ...(v6 ? [mss + 60] : []), 1500];
  for (const unit of units) if (window % unit === 0) return `mss*${window / unit}`;
  for (const mtu of mtus) if (window % mtu === 0) return `mtu*${window / mtu}`;
  return String(window);
};

/**
 * Fingerprints as interner codes. A form of SYN that is still remembered costs no text: the headers are brought into a
 * few words in which only what the text says is left, and the code of the last such form in the same slot is kept.
 *
 * Two things are written otherwise than p0f writes them for packets: the initial TTL alone (the distance is
 * in `ip_ttl`), and the length of IPv6 extension headers, which p0f does not see.
 *
 * @example '4:64:0:1460:mss*10,6:mss,sok,ts,nop,ws:df,id+:0'
 */
export class SynSignatures {
  readonly #interner: Interner;
  readonly #form = new Int32Array(FORM_WORDS);
  readonly #options = new Uint8Array(this.#form.buffer, 4 * OPTIONS_AT);
  readonly #forms = new Int32Array(SLOTS * FORM_WORDS);
  /** 0 for an empty slot. */
  readonly #codes = new Int32Array(SLOTS);

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  /**
   * The fingerprint's code; 0 if the options were not captured whole.
   *
   * @param ipAt start of the IP header
   * @param transportAt start of the TCP header, of which 20 bytes and as many as its length says lie within the packet
   * @param end where the captured part of the packet ends
   */
  code(bytes: Uint8Array, ipAt: number, transportAt: number, end: number, payloadBytes: number): number {
    const optionsAt = transportAt + TCP_HEADER_BYTES;
    const optionBytes = ((bytes[transportAt + 12]! >> 4) << 2) - TCP_HEADER_BYTES;
    if (optionBytes < 0 || optionsAt + optionBytes > end) return 0;
    this.#read(bytes, ipAt, transportAt, optionBytes, payloadBytes > 0);
    const form = this.#form;
    // Options are whole words, and behind them stands what is left of other forms.
    const words = OPTIONS_AT + optionBytes / 4;
    let hash = 0;
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ form[i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const slot = hash & (SLOTS - 1);
    const kept = slot * FORM_WORDS;
    let isSame = this.#codes[slot] !== 0;
    for (let i = 0; isSame && i < words; i++) isSame = this.#forms[kept + i] === form[i];
    if (!isSame) {
      this.#forms.set(form, kept);
      this.#codes[slot] = this.#interner.code(this.#describe());
    }
    return this.#codes[slot]!;
  }

  /** To be called when the interner is reset. */
  forget(): void {
    this.#codes.fill(0);
  }

  #read(bytes: Uint8Array, ipAt: number, transportAt: number, optionBytes: number, hasPayload: boolean): void {
    let quirks = hasPayload ? PAYLOAD : 0;
    let ttl: number;
    let ipOptionBytes: number;
    if (bytes[ipAt]! >> 4 === 6) {
      const first = wordAt(bytes, ipAt);
      quirks |= V6 | ((first & 0xfffff) !== 0 ? FLOW_LABEL : 0) | ((first & (3 << 20)) !== 0 ? ECN : 0);
      ttl = bytes[ipAt + 7]!;
      ipOptionBytes = transportAt - ipAt - 40;
    } else {
      const flags = bytes[ipAt + 6]!;
      const hasId = shortAt(bytes, ipAt + 4) !== 0;
      if ((flags & 0x40) !== 0) quirks |= hasId ? DF | ID_SET : DF;
      else if (!hasId) quirks |= ID_ZERO;
      quirks |= ((flags & 0x80) !== 0 ? RESERVED : 0) | ((bytes[ipAt + 1]! & 3) !== 0 ? ECN : 0);
      ttl = bytes[ipAt + 8]!;
      ipOptionBytes = transportAt - ipAt - 20;
    }
    const flags = bytes[transportAt + 13]!;
    // ECE and CWR, and what was once the nonce sum (RFC 3540).
    if ((flags & 0xc0) !== 0 || (bytes[transportAt + 12]! & 1) !== 0) quirks |= ECN;
    if (wordAt(bytes, transportAt + 4) === 0) quirks |= SEQUENCE_ZERO;
    if (wordAt(bytes, transportAt + 8) !== 0) quirks |= ACKNOWLEDGEMENT_SET;
    if ((flags & 0x20) !== 0) quirks |= URGENT;
    else if (shortAt(bytes, transportAt + 18) !== 0) quirks |= URGENT_POINTER;
    if ((flags & TcpFlag.PSH) !== 0) quirks |= PUSH;
    quirks |= this.#readOptions(bytes, transportAt + TCP_HEADER_BYTES, optionBytes);
    this.#form[0] = (toInitialTtl(ttl) << 16) | ipOptionBytes;
    this.#form[1] = quirks;
    this.#form[2] = (shortAt(bytes, transportAt + 14) << 16) | optionBytes;
  }

  /** Copies the options, without what a timestamp says, which differs in every SYN; the quirks of the timestamp. */
  #readOptions(bytes: Uint8Array, at: number, length: number): number {
    const options = this.#options;
    for (let i = 0; i < length; i++) options[i] = bytes[at + i]!;
    let quirks = 0;
    for (let i = 0; i < length && options[i] !== Kind.EOL; ) {
      const size = options[i] === Kind.NOP ? 1 : optionLength(options, i, length);
      if (size === 0) break;
      if (options[i] === Kind.TIMESTAMP && size === 10) {
        if (wordAt(options, i + 2) === 0) quirks |= TIMESTAMP_ZERO;
        if (wordAt(options, i + 6) !== 0) quirks |= ECHO_SET;
        for (let each = i + 2; each < i + 10; each++) options[each] = 0;
      }
      i += size;
    }
    return quirks;
  }

  /** The text of the form that was read. */
  #describe(): string {
    const [first, bits, third] = this.#form as unknown as readonly [number, number, number];
    const v6 = (bits & V6) !== 0;
    const ipOptionBytes = first & 0xffff;
    const window = third >>> 16;
    const optionBytes = third & 0xffff;
    const { layout, mss, scale, hasTimestamp, quirks } = describeOptions(this.#options, optionBytes);
    const headerBytes = (v6 ? 40 : 20) + ipOptionBytes + TCP_HEADER_BYTES + optionBytes;
    const hasClock = hasTimestamp && (bits & TIMESTAMP_ZERO) === 0;
    return [
      v6 ? '6' : '4',
      first >>> 16,
      ipOptionBytes,
      mss,
      `${describeWindow(window, mss, hasClock, v6, headerBytes)},${scale}`,
      layout,
      quirkNames.filter((_, i) => ((bits | quirks) & (1 << i)) !== 0).join(','),
      (bits & PAYLOAD) !== 0 ? '+' : '0',
    ].join(':');
  }
}
