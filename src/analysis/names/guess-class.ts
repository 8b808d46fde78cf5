/** What a template is for, guessed from its words and from its traffic, with the reason and how sure that is. */
import { formatValue } from '../format.ts';
import { quantileOfCounts, type ValueCount } from '../statistics/value-count.ts';
import { wilson } from '../statistics/wilson.ts';
import { shareOf, sumOf } from '../sums.ts';
import { classOfWord } from './class-words.ts';
import { cutName } from './name-parts.ts';

export interface SchemeTraffic {
  readonly flows: number;
  /** Flows that lasted two minutes or longer with under 100 bytes a second. */
  readonly lingering: number;
  /** Flows by protocol and port: `tcp 443`. */
  readonly ports: ReadonlyMap<string, number>;
  /** Sizes of flows in each direction, ascending. */
  readonly up: readonly ValueCount[];
  readonly down: readonly ValueCount[];
}

export interface Guess {
  readonly class: string;
  readonly reason: string;
  /** In [0, 1]: a score to sort by, not a probability. */
  readonly confidence: number;
}

/** A word may mean something else: what one is worth alone. */
const WORD = 0.7;
/** From where on a flow carries a file rather than messages, and from where on rather a film than a picture: bytes. */
const LARGE = 20_000;
const VERY_LARGE = 500_000;
/** That the class is as behaviour says, if all flows behave so. */
const worth = { voice: 0.9, chat: 0.9, media: 0.8, video: 0.5, control: 0.3 } as const;

/** STUN and TURN (RFC 8489, RFC 8656), and the ports that relays for calls use beside. */
const callPorts = new Set(['udp 3478', 'udp 3479', 'udp 3480', 'udp 3481', 'udp 5349', 'udp 19302', 'udp 19305']);
/** XMPP (RFC 6120), MQTT, and the push services of telephones. */
const chatPorts = new Set(['tcp 5222', 'tcp 5223', 'tcp 1883', 'tcp 8883', 'tcp 5228', 'tcp 5229', 'tcp 5230']);

const kindsOfMedia = new Set(['image', 'audio', 'video', 'download']);

/** By the words of the names, from the left; what stands in the registrable domain tells the service and no class. */
const byWords = (name: string): Guess | undefined => {
  for (const { kind, text } of cutName(name).parts) {
    const found = kind === 'letters' ? classOfWord(text) : undefined;
    if (found !== undefined) return { class: found, reason: `the word ${text}`, confidence: WORD };
  }
  return undefined;
};

const flowsOn = (ports: SchemeTraffic['ports'], some: ReadonlySet<string>): number =>
  sumOf([...ports], ([port, flows]) => (some.has(port) ? flows : 0));

const flowsFrom = (sizes: readonly ValueCount[], bytes: number): number =>
  sumOf(sizes, ({ value, count }) => (value >= bytes ? count : 0));

const byTraffic = ({ flows, lingering, ports, up, down }: SchemeTraffic): Guess | undefined => {
  const behaves = (name: keyof typeof worth, k: number, n: number, what: string): Guess => ({
    class: name,
    reason: `${formatValue('share', shareOf(k, n))} of the flows ${what}`,
    confidence: worth[name] * (wilson(k, n).low ?? 0),
  });
  const calls = flowsOn(ports, callPorts);
  if (2 * calls > flows) return behaves('voice', calls, flows, 'go to ports of STUN');
  const chats = flowsOn(ports, chatPorts);
  if (2 * chats > flows) return behaves('chat', chats, flows, 'go to ports of messaging');
  if (2 * lingering > flows) return behaves('chat', lingering, flows, 'linger over two minutes at under 100 B/s');
  const [larger, n, way] = [up, down]
    .map((sizes, i) => [sizes, sumOf(sizes, ({ count }) => count), ['up', 'down'][i]!] as const)
    .reduce((a, b) => (flowsFrom(b[0], LARGE) >= flowsFrom(a[0], LARGE) ? b : a));
  if (n === 0) return undefined;
  const [large, median] = [flowsFrom(larger, LARGE), quantileOfCounts(larger, 0.5)!];
  if (median >= VERY_LARGE) return behaves('video', flowsFrom(larger, VERY_LARGE), n, `carry 500 kB or more ${way}`);
  if (2 * large > n) return behaves('media', large, n, `carry 20 kB or more ${way}`);
  return behaves('control', n - large, n, 'are short and carry under 20 kB each way');
};

/** Do both mean the same? What moves files is media, whatever the word calls the files. */
const agrees = (word: string, behaviour: string): boolean =>
  word === behaviour ||
  (behaviour === 'media' && kindsOfMedia.has(word)) ||
  (behaviour === 'video' && word === 'media') ||
  (behaviour === 'chat' && word === 'push');

/**
 * Guesses the class. Of two signs that agree, a and b, the confidence is 1 - (1 - a)(1 - b), and the word names the class; of two
 * that disagree the stronger wins with a (1 - b).
 *
 * A share of flows that behave so counts with the lower end of its 95 % interval, so that few flows say little; traffic tells
 * that files are moved, but not whether these are pictures or sounds.
 *
 * @param names of a template: one that they share is what is looked at
 */
export const guessClass = (name: string, traffic: SchemeTraffic): Guess => {
  const [word, behaviour] = [byWords(name), byTraffic(traffic)];
  if (word === undefined || behaviour === undefined)
    return word ?? behaviour ?? { class: 'other', reason: 'nothing tells', confidence: 0 };
  if (agrees(word.class, behaviour.class))
    return {
      class: word.class,
      reason: `${word.reason}; ${behaviour.reason}`,
      confidence: 1 - (1 - word.confidence) * (1 - behaviour.confidence),
    };
  const [winner, loser] = word.confidence >= behaviour.confidence ? [word, behaviour] : [behaviour, word];
  return {
    class: winner.class,
    reason: `${winner.reason}; against it ${loser.reason}, as of ${loser.class}`,
    confidence: winner.confidence * (1 - loser.confidence),
  };
};
