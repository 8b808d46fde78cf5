/** The systems behind clients, in records: what the evidence of each leaves open, and for how long that is believed. */
import { anyOs, type OsSet } from '../enrich/os/os-set.ts';
import type { Handset } from '../enrich/os/tac-table.ts';
import type { UserAgent } from '../enrich/os/user-agent.ts';
import { DAY, HOUR } from '../kit/time.ts';
import { WordPool } from '../kit/word-pool.ts';

/** Kinds of evidence, the strongest first. */
export type OsSource = 'tac' | 'user-agent' | 'syn';

/** Evidence is believed so long after it was last seen. */
const MAX_AGE_US = DAY;
/** Two systems seen within this time are both there still. */
const RECENT_US = HOUR;
const NEVER = Number.NEGATIVE_INFINITY;

/** No terminal, and more than one. */
export const NONE = 0;
export const SEVERAL = -1;

/** Every flow asks for its client's: a record is as large as a line of a processor's cache. */
const WORDS = 16;
const DOUBLES = WORDS / 2;

const Word = {
  /** The next terminal of the client. */
  NEXT: 0,
  /** What each kind of evidence leaves open; the handset of the session, which does not age, or `NO_HANDSET`. */
  HANDSET: 1,
  AGENT: 2,
  SYN: 3,
} as const;

const NO_HANDSET = -1;

/** Microseconds of packet time. */
const Double = {
  /** When User-Agent and SYN were last seen. */
  AGENT_AT: 2,
  SYN_AT: 3,
  /** When User-Agents named the device, and when they named two. */
  DEVICE_AT: 4,
  MIXED_AT: 5,
} as const;

const isFresh = (seenAt: number, at: number): boolean => at - seenAt <= MAX_AGE_US;

/** Terminals are numbers from 1; those of one client are a list, the oldest first. */
export class Terminals {
  readonly #pool = new WordPool(WORDS);
  /** By terminal. */
  #handsets: (Handset | undefined)[] = [];
  #devices: string[] = [];

  /** A terminal of which nothing is known but its handset, if that is. */
  add(handset?: Handset): number {
    const terminal = this.#pool.take();
    const { words, doubles } = this.#pool;
    words[terminal * WORDS + Word.HANDSET] = handset?.systems ?? NO_HANDSET;
    words[terminal * WORDS + Word.AGENT] = anyOs;
    words[terminal * WORDS + Word.SYN] = anyOs;
    doubles.fill(NEVER, terminal * DOUBLES + Double.AGENT_AT, terminal * DOUBLES + Double.MIXED_AT + 1);
    this.#handsets[terminal] = handset;
    this.#devices[terminal] = '';
    return terminal;
  }

  next(terminal: number): number {
    return this.#pool.words[terminal * WORDS + Word.NEXT]!;
  }

  /** Appends a terminal to a list, from which it takes those of which nothing is known any more; the first of what is left. */
  append(first: number, added: number, at: number): number {
    const { words } = this.#pool;
    let head = NONE;
    let last = NONE;
    const link = (terminal: number): void => {
      if (last === NONE) head = terminal;
      else words[last * WORDS + Word.NEXT] = terminal;
      last = terminal;
    };
    for (let terminal = first; terminal !== NONE; ) {
      const next = this.next(terminal);
      if (this.isAlive(terminal, at)) link(terminal);
      else this.#pool.give(terminal);
      terminal = next;
    }
    link(added);
    return head;
  }

  /** Gives up a list. */
  remove(first: number): void {
    for (let terminal = first; terminal !== NONE; ) {
      const next = this.next(terminal);
      this.#pool.give(terminal);
      terminal = next;
    }
  }

  hasHandset(terminal: number): boolean {
    return this.#pool.words[terminal * WORDS + Word.HANDSET] !== NO_HANDSET;
  }

  handset(terminal: number): Handset | undefined {
    return this.#handsets[terminal];
  }

  #seenAt(terminal: number): number {
    if (this.hasHandset(terminal)) return Number.POSITIVE_INFINITY;
    const { doubles } = this.#pool;
    const d = terminal * DOUBLES;
    return Math.max(doubles[d + Double.AGENT_AT]!, doubles[d + Double.SYN_AT]!);
  }

  /** Is anything known of it still? */
  isAlive(terminal: number, at: number): boolean {
    return isFresh(this.#seenAt(terminal), at);
  }

  #isRecent(terminal: number, at: number): boolean {
    return at - this.#seenAt(terminal) <= RECENT_US;
  }

  /** What one kind of evidence leaves open by now. */
  #open(terminal: number, word: number, seenAt: number, at: number): OsSet {
    const { words, doubles } = this.#pool;
    return isFresh(doubles[terminal * DOUBLES + seenAt]!, at) ? words[terminal * WORDS + word]! : anyOs;
  }

  #openToHandset(terminal: number): OsSet {
    return this.hasHandset(terminal) ? this.#pool.words[terminal * WORDS + Word.HANDSET]! : anyOs;
  }

  /** The systems that it may have. */
  openSystems(terminal: number, at: number): OsSet {
    const agent = this.#open(terminal, Word.AGENT, Double.AGENT_AT, at);
    return this.#openToHandset(terminal) & agent & this.#open(terminal, Word.SYN, Double.SYN_AT, at);
  }

  /** The only one of a list of which something is known still and that may have one of the systems; `NONE`, or `SEVERAL`. */
  sole(first: number, systems: OsSet, at: number): number {
    let sole = NONE;
    for (let terminal = first; terminal !== NONE; terminal = this.next(terminal)) {
      if (!this.isAlive(terminal, at) || (this.openSystems(terminal, at) & systems) === 0) continue;
      if (sole !== NONE) return SEVERAL;
      sole = terminal;
    }
    return sole;
  }

  /** The only one of a list seen lately, else the one seen last of which something is known still; `NONE`, or `SEVERAL` if more were lately. */
  latest(first: number, at: number): number {
    let latest = NONE;
    for (let terminal = first; terminal !== NONE; terminal = this.next(terminal)) {
      if (!this.isAlive(terminal, at)) continue;
      if (latest !== NONE && this.#isRecent(latest, at) && this.#isRecent(terminal, at)) return SEVERAL;
      if (latest === NONE || this.#seenAt(terminal) > this.#seenAt(latest)) latest = terminal;
    }
    return latest;
  }

  /** The strongest evidence that leaves not all systems open. */
  sourceOf(terminal: number, at: number): OsSource {
    if (this.#openToHandset(terminal) !== anyOs) return 'tac';
    return this.#open(terminal, Word.AGENT, Double.AGENT_AT, at) !== anyOs ? 'user-agent' : 'syn';
  }

  /** Its model, '' while that is not certain. */
  deviceOf(terminal: number, at: number): string {
    if (this.hasHandset(terminal)) return this.#handsets[terminal]!.device;
    const { doubles } = this.#pool;
    const d = terminal * DOUBLES;
    const isCertain = isFresh(doubles[d + Double.DEVICE_AT]!, at) && at - doubles[d + Double.MIXED_AT]! > RECENT_US;
    return isCertain ? this.#devices[terminal]! : '';
  }

  /** It sent a SYN that fits what is known of it. */
  noteSyn(terminal: number, systems: OsSet, at: number): void {
    this.#note(terminal, Word.SYN, Double.SYN_AT, systems, at);
  }

  /** It sent a User-Agent that fits what is known of it. */
  noteAgent(terminal: number, { systems, device }: UserAgent, at: number): void {
    this.#note(terminal, Word.AGENT, Double.AGENT_AT, systems, at);
    if (device === '') return;
    const { doubles } = this.#pool;
    const d = terminal * DOUBLES;
    const known = isFresh(doubles[d + Double.DEVICE_AT]!, at) ? this.#devices[terminal]! : '';
    // One device names itself at more or less length; two differ.
    if (!device.includes(known) && !known.includes(device)) doubles[d + Double.MIXED_AT] = at;
    if (!known.includes(device)) this.#devices[terminal] = device;
    doubles[d + Double.DEVICE_AT] = at;
  }

  #note(terminal: number, word: number, seenAt: number, systems: OsSet, at: number): void {
    const { words, doubles } = this.#pool;
    words[terminal * WORDS + word] = systems & this.#open(terminal, word, seenAt, at);
    doubles[terminal * DOUBLES + seenAt] = at;
  }

  checkpoint() {
    return { pool: this.#pool.checkpoint(), handsets: this.#handsets, devices: this.#devices };
  }

  restore({ pool, handsets, devices }: ReturnType<Terminals['checkpoint']>): void {
    this.#pool.restore(pool);
    this.#handsets = handsets;
    this.#devices = devices;
  }
}
