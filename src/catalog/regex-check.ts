/** Regular expressions of rules: the small language that is allowed, so that a hostile name cannot make one run long. */
import { maxNameLength } from './name.ts';

const maxRegexLength = 200;
/** Two open repetitions over a name of full length are under it, three are not. */
const maxWays = 100_000;

/**
 * Reads a regular expression and refuses what could backtrack for long.
 *
 * JavaScript's engine tries one way after the other, so the bound is on the ways: the product of the choices that
 * repetitions and alternatives leave open, at most 100,000. Repeating a group that has choices itself multiplies
 * them without limit and is refused.
 */
class RegexReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Literal dots outside all groups. */
  dots = 0;
  /** There are alternatives outside all groups. */
  split = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    const ways = this.#alternatives();
    if (this.#at < this.#text.length) throw new Error('unmatched )');
    if (ways > maxWays) throw new Error('too many repetitions or alternatives: a name could be tried in too many ways');
  }

  #alternatives(): number {
    let ways = this.#sequence();
    while (this.#text[this.#at] === '|') {
      this.#at++;
      if (this.#depth === 0) this.split = true;
      ways += this.#sequence();
    }
    return ways;
  }

  #sequence(): number {
    let ways = 1;
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) {
      ways *= this.#repetition(this.#item());
    }
    return ways;
  }

  /** One character, class or group. */
  #item(): number {
    const char = this.#text[this.#at++]!;
    if (char === '(') {
      if (this.#text.startsWith('?:', this.#at)) this.#at += 2;
      this.#depth++;
      const ways = this.#alternatives();
      if (this.#text[this.#at++] !== ')') throw new Error('unmatched (');
      this.#depth--;
      return ways;
    }
    if (char === '[') {
      const match = /^\^?(?:[a-z0-9._-]|\\[dw.-])+\]/i.exec(this.#text.slice(this.#at));
      if (match === null) throw new Error('a class holds letters, digits, - _ . and \\d \\w only');
      this.#at += match[0].length;
      return 1;
    }
    if (char === '\\') {
      const escaped = this.#text[this.#at++] ?? '';
      if (escaped === '.') {
        if (this.#depth === 0) this.dots++;
      } else if (!/^[dw-]$/.test(escaped)) throw new Error(`\\${escaped} is not allowed; \\d \\w \\. \\- are`);
      return 1;
    }
    if (/[a-z0-9._-]/i.test(char)) return 1;
    if (char === '^' || char === '$') throw new Error(`no ${char}: the whole name is compared anyway`);
    throw new Error(`${char} is not allowed here`);
  }

  /** The ways of an item with the repetition that follows it. */
  #repetition(ways: number): number {
    const match = /^(?:[*+?]|\{(\d{1,3})(,(\d{1,3})?)?\})/.exec(this.#text.slice(this.#at));
    if (match === null) return ways;
    this.#at += match[0].length;
    let least = match[0] === '+' ? 1 : 0;
    let most = match[0] === '?' ? 1 : maxNameLength;
    if (match[1] !== undefined) {
      least = Number(match[1]);
      if (match[2] === undefined) most = least;
      else if (match[3] !== undefined) most = Number(match[3]);
    }
    if (most < least) throw new Error(`${match[0]} is the wrong way round`);
    if (ways > 1 && most > 1) throw new Error('a repeated group must not hold repetitions or alternatives');
    // {n} leaves no choice, yet counts as one: nested, such counts multiply into a program too large to compile.
    return most > 1 ? Math.max(2, 1 + most - least) : ways + most - least;
  }
}

/** A regular expression of a rule, ready for use. */
export interface CheckedRegex {
  readonly regex: RegExp;
  /** Labels that it writes out: the dots outside groups, plus one. */
  readonly labels: number;
  /** The labels that every match ends with, last first: `['net', 'whatsapp']`. */
  readonly tail: readonly string[];
}

/**
 * Compiles a regular expression that a whole name has to match, whatever the case; a text says why it is refused.
 *
 * @example
 * checkRegex('[cde]\\d{1,2}\\.whatsapp\\.net') // { regex, labels: 3, tail: ['net', 'whatsapp'] }
 */
export const checkRegex = (text: string): CheckedRegex | string => {
  if (text.length > maxRegexLength) return `longer than ${maxRegexLength} characters`;
  const reader = new RegexReader(text);
  try {
    reader.read();
    const tail = reader.split ? null : /(?:\\\.[a-z0-9_-]+)+$/i.exec(text);
    return {
      regex: new RegExp(`^(?:${text})$`, 'i'),
      labels: reader.dots + 1,
      tail: tail === null ? [] : tail[0].toLowerCase().split('\\.').slice(1).reverse(),
    };
  } catch (error) {
    return (error as Error).message;
  }
};
