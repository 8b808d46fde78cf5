/** Decoder of DNS messages (RFC 1035 section 4, with EDNS of RFC 6891): the question, its alias chain and the answers. */
import type { Interner } from '../kit/interner.ts';
import { DnsAliases } from './dns-aliases.ts';
import { formatAnswer, Type } from './dns-answer.ts';
import { internName, NAME_BAD, NAME_CUT, skipName } from './dns-name.ts';
import { decodeSvcb, hasEch } from './dns-svcb.ts';

const HEADER_BYTES = 12;
const CLASS_IN = 1;
/** mDNS uses the top bit of the class for other ends (RFC 6762 5.4 and 10.2). */
const CLASS_MASK = 0x7fff;
/** Answers kept of one message: as many IPv4 addresses as fill 16 KiB. */
const MAX_ANSWERS = 1024;
/** Names remembered by their place, for the owners of records are pointers to them. */
const MAX_KNOWN_NAMES = 40;

/**
 * Why a message was not decoded whole: 'short' (no header), 'cut' (it ends before its declared records), 'name' (a
 * malformed name), 'capped' (more answers or aliases than are kept), or '' for a whole one.
 */
export type DnsFault = '' | 'short' | 'cut' | 'name' | 'capped';

/**
 * A reusable decoder: `decode` fills the fields, which hold until the next `decode` and only while the caller keeps the
 * bytes as they were. It allocates nothing: names are interner codes, and the text of an answer is made when asked for.
 *
 * @example
 * if (message.decode(bytes, start, end) && message.isResponse)
 *   for (let i = 0; i < message.answerCount; i++)
 *     if (message.addressBytes[i] !== 0) learn(bytes, message.answerAt[i], message.addressBytes[i], message.ttlsS[i]);
 */
export class DnsMessage {
  id = 0;
  isResponse = false;
  opcode = 0;
  /** The TC bit. */
  truncated = false;
  /** Response code with its EDNS extension, 0 to 4095; `rcodeName` names it. */
  rcode = 0;
  questionCount = 0;
  /** First question's name in lower case without final dot, `.` for the root; without a question the owner of the first answer, else 0. */
  qname = 0;
  /** First question's type and class, -1 without a question; `qtypeName` names it. */
  qtype = -1;
  qclass = -1;
  /** CNAME targets in the order of the chain from `qname`; those that are not on it follow in message order. */
  readonly aliases: readonly number[];
  /** Answer records other than aliases, in message order; the arrays below hold this many. */
  answerCount = 0;
  readonly answerTypes = new Uint16Array(MAX_ANSWERS);
  /** Index into the caller's bytes of an answer's data. */
  readonly answerAt = new Int32Array(MAX_ANSWERS);
  readonly answerLengths = new Uint16Array(MAX_ANSWERS);
  /** 4 or 16 if the data is an address that answers the question, through its aliases or at once; else 0. */
  readonly addressBytes = new Uint8Array(MAX_ANSWERS);
  /** Seconds: the least of an answer's own time to live and those of the aliases that led to it. */
  readonly ttlsS = new Float64Array(MAX_ANSWERS);
  /** An HTTPS or SVCB answer carries a configuration for Encrypted Client Hello. */
  echConfig = false;
  fault: DnsFault = '';

  #bytes: Uint8Array = new Uint8Array();
  #start = 0;
  #end = 0;
  readonly #ownerAt = new Int32Array(MAX_ANSWERS);
  readonly #aliases = new DnsAliases();
  #knownCount = 0;
  readonly #knownAt = new Int32Array(MAX_KNOWN_NAMES);
  readonly #knownNames = new Int32Array(MAX_KNOWN_NAMES);
  readonly #interner: Interner;

  constructor(interner: Interner) {
    this.#interner = interner;
    this.aliases = this.#aliases.names;
  }

  /**
   * Decodes the message in [start, end) of `bytes`. Of a query only header and question are read.
   *
   * @returns false if there is no header or the first question is broken; `fault` tells why. A message that breaks
   * later gives what came before.
   */
  decode(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#clear();
    if (end - start < HEADER_BYTES) {
      this.fault = 'short';
      return false;
    }
    this.id = this.#word(start);
    const flags = this.#word(start + 2);
    this.isResponse = (flags & 0x8000) !== 0;
    this.opcode = (flags >> 11) & 15;
    this.truncated = (flags & 0x0200) !== 0;
    this.rcode = flags & 15;
    this.questionCount = this.#word(start + 4);

    let at = this.#readQuestions(start + HEADER_BYTES);
    if (at < 0 && this.qtype < 0) return false;
    if (!this.isResponse) return true;
    at = this.#readAnswers(at, this.#word(start + 6));
    this.#resolve();
    this.#readRest(at, this.#word(start + 8) + this.#word(start + 10));
    return true;
  }

  /** The text of answer `i`, as `formatAnswer` words it. */
  answerText(i: number): string {
    const at = this.answerAt[i]!;
    return formatAnswer(this.answerTypes[i]!, this.#bytes, this.#start, at, at + this.answerLengths[i]!);
  }

  #clear(): void {
    this.id = 0;
    this.isResponse = false;
    this.opcode = 0;
    this.truncated = false;
    this.rcode = 0;
    this.questionCount = 0;
    this.qname = 0;
    this.qtype = -1;
    this.qclass = -1;
    this.#aliases.clear();
    this.answerCount = 0;
    this.echConfig = false;
    this.fault = '';
    this.#knownCount = 0;
  }

  #word(at: number): number {
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  /** Notes the reason; the returned index stops the walk. */
  #fail(fault: DnsFault): number {
    this.fault ||= fault;
    return NAME_BAD;
  }

  #skipName(at: number): number {
    const next = skipName(this.#bytes, at, this.#end);
    if (next < 0) return this.#fail(next === NAME_CUT ? 'cut' : 'name');
    return next;
  }

  /** The name at `at`, read once for all the pointers to its place; negative if it is malformed. */
  #name(at: number): number {
    if (at + 1 < this.#end && this.#bytes[at]! >= 0xc0) at = this.#start + (this.#word(at) & 0x3fff);
    for (let i = 0; i < this.#knownCount; i++) if (this.#knownAt[i] === at) return this.#knownNames[i]!;
    const name = internName(this.#bytes, this.#start, at, this.#end, this.#interner);
    if (name >= 0 && this.#knownCount < MAX_KNOWN_NAMES) {
      this.#knownAt[this.#knownCount] = at;
      this.#knownNames[this.#knownCount++] = name;
    }
    return name;
  }

  /** @returns the index after the question section, negative if that is broken */
  #readQuestions(at: number): number {
    for (let i = 0; i < this.questionCount; i++) {
      const next = this.#skipName(at);
      if (next < 0) return next;
      if (next + 4 > this.#end) return this.#fail('cut');
      if (i === 0) {
        const name = this.#name(at);
        if (name < 0) return this.#fail('name');
        this.qname = name;
        this.qtype = this.#word(next);
        this.qclass = this.#word(next + 2) & CLASS_MASK;
      }
      at = next + 4;
    }
    return at;
  }

  /**
   * The index of the data of the record at `at`; negative if the record is broken. Its fixed part lies in the 10 bytes
   * before, and its data in the message.
   */
  #skipToData(at: number): number {
    const next = this.#skipName(at);
    if (next < 0) return next;
    const dataAt = next + 10;
    if (dataAt > this.#end || dataAt + this.#word(next + 8) > this.#end) return this.#fail('cut');
    return dataAt;
  }

  /** @returns the index after the answer section, negative if that is broken */
  #readAnswers(at: number, count: number): number {
    for (let i = 0; i < count && at >= 0; i++) {
      const ownerAt = at;
      const dataAt = this.#skipToData(at);
      if (dataAt < 0) return dataAt;
      at = this.#readAnswer(ownerAt, dataAt);
    }
    return at;
  }

  /** @returns the index after the record, negative if no more are kept */
  #readAnswer(ownerAt: number, dataAt: number): number {
    const type = this.#word(dataAt - 10);
    const seconds = ((this.#word(dataAt - 6) << 16) | this.#word(dataAt - 4)) >>> 0;
    // RFC 2181 section 8: a value with the top bit set counts as zero.
    const ttlS = seconds > 0x7fffffff ? 0 : seconds;
    const length = this.#word(dataAt - 2);
    const next = dataAt + length;
    if (this.qname === 0) this.qname = Math.max(0, this.#name(ownerAt));
    if (type === Type.CNAME && this.#readAlias(ownerAt, dataAt, next, ttlS)) return next;
    const i = this.answerCount;
    if (i === MAX_ANSWERS) return this.#fail('capped');
    this.answerCount++;
    this.answerTypes[i] = type;
    this.answerAt[i] = dataAt;
    this.answerLengths[i] = length;
    this.ttlsS[i] = ttlS;
    this.addressBytes[i] = (this.#word(dataAt - 8) & CLASS_MASK) === CLASS_IN ? addressBytesOf(type, length) : 0;
    this.#ownerAt[i] = ownerAt;
    if (type === Type.HTTPS || type === Type.SVCB) {
      const svcb = decodeSvcb(this.#bytes, this.#start, dataAt, next);
      if (svcb !== undefined && hasEch(svcb)) this.echConfig = true;
    }
    return next;
  }

  /** @returns false if the record is no alias that can be followed; it is then told as an answer */
  #readAlias(ownerAt: number, targetAt: number, end: number, ttlS: number): boolean {
    if (skipName(this.#bytes, targetAt, end) < 0) return false;
    const owner = this.#name(ownerAt);
    const target = this.#name(targetAt);
    if (owner < 0 || target < 0) return false;
    if (!this.#aliases.add(owner, target, ttlS)) this.#fail('capped');
    return true;
  }

  /** Puts the aliases in order and tells which answers stand at their end. */
  #resolve(): void {
    this.#aliases.resolve(this.qname);
    for (let i = 0; i < this.answerCount; i++) {
      const owner = this.#name(this.#ownerAt[i]!);
      const ttlS = owner < 0 ? -1 : this.#aliases.ttlTo(owner);
      if (ttlS < 0) this.addressBytes[i] = 0;
      else if (ttlS < this.ttlsS[i]!) this.ttlsS[i] = ttlS;
    }
  }

  /** Walks authority and additional section for the EDNS record, whose TTL field holds the upper bits of the response code. */
  #readRest(at: number, count: number): void {
    for (let i = 0; i < count && at >= 0; i++) {
      const dataAt = this.#skipToData(at);
      if (dataAt < 0) return;
      if (this.#word(dataAt - 10) === Type.OPT) this.rcode |= this.#bytes[dataAt - 6]! << 4;
      at = dataAt + this.#word(dataAt - 2);
    }
  }
}

const addressBytesOf = (type: number, length: number): number => {
  if (type === Type.A && length === 4) return 4;
  return type === Type.AAAA && length === 16 ? 16 : 0;
};
