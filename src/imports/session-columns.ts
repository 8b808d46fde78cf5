/** Sessions of a file in typed arrays: some 90 bytes each, in whatever order the file has them. */
import { wordAt } from '../packet/address.ts';
import type { FedSession, SessionFeed } from '../packet/session-feed.ts';

const DOUBLES = 5;
const FROM = 0;
const UNTIL = 1;
/** Digits with a 1 in front, so that zeros at the start stay; 0 for none. */
const IMSI = 2;
const MSISDN = 3;
const IMEI = 4;

const WORDS = 9;
const FAMILIES = 0;
const IPV4 = 1;
/** Two words: the /64. */
const IPV6 = 2;
/** Codes of texts. */
const TEXTS = 4;

const texts = ['userName', 'apn', 'rat', 'cell', 'plmn'] as const;

const HAS_IPV4 = 1;
const HAS_IPV6 = 2;

const toNumber = (digits: string): number => (digits === '' ? 0 : Number(`1${digits}`));
const toDigits = (number: number): string => (number === 0 ? '' : String(number).slice(1));

/** Digits of an IMEI that are kept: those that name the device. */
const IMEI_DIGITS = 14;

const addressOf = (words: Int32Array): Uint8Array => {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setInt32(4 * i, word);
  return bytes;
};

const sortedBy = (size: number, key: (session: number) => number): Uint32Array =>
  Uint32Array.from({ length: size }, (_, i) => i).sort((a, b) => key(a) - key(b) || a - b);

export class SessionColumns implements SessionFeed {
  size = 0;
  byStart: Uint32Array = new Uint32Array(0);
  byEnd: Uint32Array = new Uint32Array(0);
  #doubles = new Float64Array(DOUBLES * 1024);
  #words = new Int32Array(WORDS * 1024);
  /** Texts by code, and codes by text. */
  readonly #texts = [''];
  readonly #codes = new Map([['', 0]]);

  /** Adds a session. `finish` must follow the last one. */
  add(session: FedSession): void {
    if (DOUBLES * this.size === this.#doubles.length) this.#grow();
    const d = DOUBLES * this.size;
    const w = WORDS * this.size;
    this.size++;
    this.#doubles[d + FROM] = session.from;
    this.#doubles[d + UNTIL] = session.until;
    this.#doubles[d + IMSI] = toNumber(session.imsi);
    this.#doubles[d + MSISDN] = toNumber(session.msisdn);
    this.#doubles[d + IMEI] = toNumber(session.imei.slice(0, IMEI_DIGITS));
    const { ipv4, ipv6 } = session;
    this.#words[w + FAMILIES] = (ipv4 === undefined ? 0 : HAS_IPV4) | (ipv6 === undefined ? 0 : HAS_IPV6);
    if (ipv4 !== undefined) this.#words[w + IPV4] = wordAt(ipv4, 0);
    if (ipv6 !== undefined) this.#words.set([wordAt(ipv6, 0), wordAt(ipv6, 4)], w + IPV6);
    for (const [i, name] of texts.entries()) this.#words[w + TEXTS + i] = this.#code(session[name]);
  }

  /** Puts the sessions in the order of time. */
  finish(): this {
    this.byStart = sortedBy(this.size, (session) => this.from(session));
    // Of two that have no end the difference is no number.
    this.byEnd = sortedBy(this.size, (session) => Math.min(this.until(session), Number.MAX_VALUE));
    return this;
  }

  from(session: number): number {
    return this.#doubles[DOUBLES * session + FROM]!;
  }

  until(session: number): number {
    return this.#doubles[DOUBLES * session + UNTIL]!;
  }

  session(session: number): FedSession {
    const doubles = this.#doubles.subarray(DOUBLES * session);
    const words = this.#words.subarray(WORDS * session);
    const text = (i: number): string => this.#texts[words[TEXTS + i]!]!;
    return {
      from: doubles[FROM]!,
      until: doubles[UNTIL]!,
      imsi: toDigits(doubles[IMSI]!),
      msisdn: toDigits(doubles[MSISDN]!),
      imei: toDigits(doubles[IMEI]!),
      userName: text(0),
      apn: text(1),
      rat: text(2),
      cell: text(3),
      plmn: text(4),
      ipv4: (words[FAMILIES]! & HAS_IPV4) === 0 ? undefined : addressOf(words.subarray(IPV4, IPV4 + 1)),
      ipv6:
        (words[FAMILIES]! & HAS_IPV6) === 0
          ? undefined
          : addressOf(Int32Array.of(words[IPV6]!, words[IPV6 + 1]!, 0, 0)),
    };
  }

  #code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.#texts.push(text) - 1;
      this.#codes.set(text, code);
    }
    return code;
  }

  #grow(): void {
    const doubles = new Float64Array(2 * this.#doubles.length);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    const words = new Int32Array(2 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
  }
}
