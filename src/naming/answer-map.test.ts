import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { MINUTE, SECOND } from '../kit/time.ts';
import { formatAddress, parseAddress } from '../packet/address.ts';
import { AnswerMap, type AnswerMapOptions } from './answer-map.ts';

const bounds = { maxAnswers: 1000, maxAnswersPerClient: 1000, maxNamesPerServer: 1000 };
const T = Date.UTC(2014, 1, 22, 18) * 1000;
const [anna, bob] = [0, 1];
const [texas, oregon] = [10, 11];
const [chat, image, video] = [100, 101, 102];

type Answer = readonly [client: number, server: number, name: number, at: number, ttlS: number];

/** The rules in their plainest form: one list of answers, oldest first. */
class NaiveAnswerMap {
  name = 0;
  answeredAt = 0;
  ttlS = 0;
  candidates: number[] = [];
  evicted = 0;
  answers: Answer[] = [];
  readonly options: AnswerMapOptions;

  constructor(options: AnswerMapOptions) {
    this.options = options;
  }

  get candidateCount(): number {
    return this.candidates.length;
  }

  answered(...answer: Answer): void {
    const [client, server, name] = answer;
    const own = (other: Answer): boolean => other[0] === client;
    const same = (other: Answer): boolean => own(other) && other[1] === server;
    const known = this.answers.findIndex((other) => same(other) && other[2] === name);
    if (known >= 0) this.answers.splice(known, 1);
    else {
      this.bound(same, this.options.maxNamesPerServer);
      this.bound(own, this.options.maxAnswersPerClient);
      this.bound(() => true, this.options.maxAnswers);
    }
    this.answers.push(answer);
  }

  bound(among: (answer: Answer) => boolean, limit: number): void {
    if (this.answers.filter(among).length < limit) return;
    this.answers.splice(this.answers.findIndex(among), 1);
    this.evicted++;
  }

  find(client: number, server: number): boolean {
    const matches = this.answers.filter((answer) => answer[0] === client && answer[1] === server).reverse();
    this.candidates = matches.map((answer) => answer[2]);
    const [newest] = matches;
    if (newest === undefined) return false;
    [, , this.name, this.answeredAt, this.ttlS] = newest;
    return true;
  }
}

/** What the map says about a client and a server: the winner and all candidates. */
const found = (map: AnswerMap | NaiveAnswerMap, client: number, server: number) =>
  map.find(client, server)
    ? {
        name: map.name,
        answeredAt: map.answeredAt,
        ttlS: map.ttlS,
        candidates: [...map.candidates.slice(0, map.candidateCount)],
      }
    : undefined;

describe('naming a flow', () => {
  test('the latest answer that this client got for the server names it, with its time and TTL', () => {
    const map = new AnswerMap(bounds);
    map.answered(anna, texas, chat, T, 2925);
    expect(found(map, anna, texas)).toEqual({ name: chat, answeredAt: T, ttlS: 2925, candidates: [chat] });
    expect(found(map, anna, oregon)).toBeUndefined();
  });

  test('a flow before the answer has no name', () => {
    const map = new AnswerMap(bounds);
    expect(map.find(anna, texas)).toBe(false);
    map.answered(anna, texas, chat, T, 60);
    expect(map.find(anna, texas)).toBe(true);
  });

  test("another client's answer names nothing", () => {
    const map = new AnswerMap(bounds);
    map.answered(anna, texas, chat, T, 60);
    expect(map.find(bob, texas)).toBe(false);
    expect(map.candidateCount).toBe(0);
    map.answered(bob, texas, video, T + SECOND, 60);
    expect(found(map, anna, texas)?.candidates).toEqual([chat]);
  });

  test('on a shared address the newest name wins and the others stay as candidates', () => {
    const map = new AnswerMap(bounds);
    map.answered(anna, texas, chat, T, 60);
    map.answered(anna, texas, image, T + MINUTE, 30);
    expect(found(map, anna, texas)).toEqual({
      name: image,
      answeredAt: T + MINUTE,
      ttlS: 30,
      candidates: [image, chat],
    });
  });

  test('the same name again is one answer with a new time and TTL, and the newest', () => {
    const map = new AnswerMap(bounds);
    map.answered(anna, texas, chat, T, 60);
    map.answered(anna, texas, image, T + SECOND, 60);
    map.answered(anna, texas, chat, T + 2 * SECOND, 20);
    expect(found(map, anna, texas)).toEqual({
      name: chat,
      answeredAt: T + 2 * SECOND,
      ttlS: 20,
      candidates: [chat, image],
    });
    expect(map.size).toBe(2);
  });

  test('an answer with TTL 0 is held; a TTL with the top bit set counts as 0', () => {
    const map = new AnswerMap(bounds);
    map.answered(anna, texas, chat, T, 0);
    map.answered(anna, oregon, chat, T, 0x80000001);
    expect(found(map, anna, texas)?.ttlS).toBe(0);
    expect(found(map, anna, oregon)?.ttlS).toBe(0);
    map.answered(anna, oregon, chat, T, 0x7fffffff);
    expect(found(map, anna, oregon)?.ttlS).toBe(0x7fffffff);
  });

  test('an alias chain names the flow by its question, whatever the address family', () => {
    // g.whatsapp.net is an alias of chat.cdn.whatsapp.net; the client asked for the former.
    const names = new Interner();
    const addresses = new Interner();
    const id = (address: string): number => addresses.code(formatAddress(parseAddress(address)!));
    const map = new AnswerMap(bounds);
    const question = names.code('g.whatsapp.net');
    map.answered(id('192.168.2.12'), id('157.240.20.53'), question, T, 62);
    map.answered(id('2001:db8::12'), id('2A03:2880:f21c::62'), question, T, 62);
    expect(names.text(found(map, id('192.168.2.12'), id('157.240.20.53'))!.name)).toBe('g.whatsapp.net');
    expect(names.text(found(map, id('2001:db8:0::12'), id('2a03:2880:f21c:0::62'))!.name)).toBe('g.whatsapp.net');
    expect(map.find(id('192.168.2.12'), id('2a03:2880:f21c::62'))).toBe(false);
  });
});

describe('bounds', () => {
  test('over maxAnswers the answer given longest ago goes, and a refreshed one is young again', () => {
    const map = new AnswerMap({ ...bounds, maxAnswers: 2 });
    map.answered(anna, texas, chat, T, 60);
    map.answered(bob, texas, chat, T, 60);
    map.answered(anna, texas, chat, T + SECOND, 60);
    map.answered(anna, oregon, image, T + SECOND, 60);
    expect(map.find(anna, texas)).toBe(true);
    expect(map.find(bob, texas)).toBe(false);
    expect(map.find(anna, oregon)).toBe(true);
    expect(map).toMatchObject({ size: 2, evicted: 1 });
  });

  test("over maxAnswersPerClient that client's oldest goes, and nobody else's", () => {
    const map = new AnswerMap({ ...bounds, maxAnswersPerClient: 2 });
    map.answered(bob, texas, chat, T, 60);
    map.answered(anna, texas, chat, T, 60);
    map.answered(anna, oregon, chat, T, 60);
    map.answered(anna, 12, chat, T, 60);
    expect(map.find(bob, texas)).toBe(true);
    expect(map.find(anna, texas)).toBe(false);
    expect(map.find(anna, oregon)).toBe(true);
    expect(map.evicted).toBe(1);
  });

  test('over maxNamesPerServer the oldest name of that client and server goes', () => {
    const map = new AnswerMap({ ...bounds, maxNamesPerServer: 2 });
    for (const name of [chat, image, video]) map.answered(anna, texas, name, T, 60);
    expect(found(map, anna, texas)?.candidates).toEqual([video, image]);
    expect(map).toMatchObject({ size: 2, evicted: 1 });
  });

  test('eviction of an old answer never takes an address that a newer answer owns', () => {
    // The defect of a list whose old entry, on leaving, removes the key that a newer entry has taken over.
    const map = new AnswerMap({ ...bounds, maxAnswers: 2 });
    map.answered(anna, texas, chat, T, 60);
    map.answered(anna, texas, image, T + SECOND, 60);
    map.answered(bob, oregon, video, T + 2 * SECOND, 60);
    expect(found(map, anna, texas)).toEqual({ name: image, answeredAt: T + SECOND, ttlS: 60, candidates: [image] });
    expect(map.evicted).toBe(1);
  });
});

describe('against a plain map of objects', () => {
  // Few clients, servers and names, so that refreshes, shared addresses, evictions and collisions all happen often.
  test.each([1, 2, 3])('30,000 random calls agree at every step (seed %i)', (seed) => {
    let state = seed;
    const random = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return Math.floor(((state >>> 0) / 0x1_0000_0000) * n);
    };
    const options = { maxAnswers: 700, maxAnswersPerClient: 40, maxNamesPerServer: 5 };
    const map = new AnswerMap(options);
    const naive = new NaiveAnswerMap(options);
    for (let i = 0; i < 30_000; i++) {
      const client = random(10) === 0 ? random(5000) : random(30);
      const server = random(60);
      if (random(3) === 0) expect(found(map, client, server)).toEqual(found(naive, client, server));
      else {
        const answer = [client, server, random(12), i * SECOND, random(300)] as const;
        map.answered(...answer);
        naive.answered(...answer);
        expect(map.size).toBe(naive.answers.length);
        expect(map.evicted).toBe(naive.evicted);
      }
    }
    const answers: number[][] = [];
    map.forEachAnswer((...answer) => answers.push(answer));
    expect(answers).toEqual(naive.answers);
  });

  test('a copy through forEachAnswer, with other ids, names the same', () => {
    const map = new AnswerMap(bounds);
    for (let i = 0; i < 500; i++) map.answered(i % 7, i % 11, i % 5, T + i, i);
    const copy = new AnswerMap(bounds);
    map.forEachAnswer((client, server, name, at, ttlS) =>
      copy.answered(client + 1000, server + 2000, name + 3000, at, ttlS),
    );
    for (let client = 0; client < 7; client++) {
      for (let server = 0; server < 11; server++) {
        const original = found(map, client, server)!;
        expect(found(copy, client + 1000, server + 2000)).toEqual({
          ...original,
          name: original.name + 3000,
          candidates: original.candidates.map((name) => name + 3000),
        });
      }
    }
  });
});

describe('cost', () => {
  test('a full map takes at most 64 bytes an answer, also when its size is no power of two', () => {
    for (const maxAnswers of [1 << 16, 80_000, (1 << 16) + 1]) {
      const map = new AnswerMap({ maxAnswers, maxAnswersPerClient: 4096, maxNamesPerServer: 64 });
      const clients = maxAnswers / 20;
      for (let i = 0; i < 2 * maxAnswers; i++) map.answered(i % clients, clients + (i % 1009), i % 499, i, 60);
      expect(map.size).toBe(maxAnswers);
      expect(map.byteLength / map.size).toBeLessThanOrEqual(64);
    }
  });

  test('a client that floods one address with names costs a bounded walk and no memory', () => {
    const map = new AnswerMap({ maxAnswers: 1 << 20, maxAnswersPerClient: 4096, maxNamesPerServer: 64 });
    const before = map.byteLength;
    for (let i = 0; i < 300_000; i++) map.answered(anna, texas, i, T, 60);
    expect(map.size).toBe(64);
    expect(map.byteLength).toBe(before);
  });
});
