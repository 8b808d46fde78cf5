/** A planted operator: subscribers live through days, and what passes the vantage comes out in the order of time, with its truth. */
import { Heap } from '../../kit/heap.ts';
import { Random } from '../../kit/random.ts';
import { DAY, MINUTE, SECOND } from '../../kit/time.ts';
import { measureTurns } from '../measure-turns.ts';
import type { TcpScript } from '../tcp-segments.ts';
import { BusyClock } from './busy-clock.ts';
import { type Host, type Layout, layOut, type OtherHosts, type PooledHosts } from './host.ts';
import { Incidents, instant } from './incidents.ts';
import { RESOLVER } from './lookup.ts';
import type { OperatorOptions } from './operator-options.ts';
import type { Answer, Connection, PlantedEvent, Purpose, Question } from './planted-event.ts';
import type { OperatorPreset } from './preset.ts';
import { chatScript, drawContent, Handshakes, refusedChat, type Script, transferScript } from './scripts.ts';
import { Subscriber } from './subscriber.ts';
import { type OperatorTruth, TruthBook } from './truth-book.ts';

export interface PlantedOperator {
  /** Once; memory does not grow with their number. */
  readonly events: Iterable<readonly [at: number, event: PlantedEvent]>;
  /** Who announced the addresses: an overlay for an AS database. */
  readonly overlay: string;
  /** Call it when all events were taken. */
  readonly truth: () => OperatorTruth;
}

type Habit = 'chat' | 'media' | 'control' | 'other';
/** What is to be done: a subscriber acts, or something passes the vantage. */
type Step = PlantedEvent | { readonly kind: 'act'; readonly habit: Habit; readonly subscriber: Subscriber };

/** Times that a question is sent that nobody answers, a second apart. */
const UNANSWERED_TRIES = 3;
/** Share of the chat connections that go to the name that the telephone had before. */
const FAITHFUL = 0.7;

type Timing = Pick<TcpScript, 'at' | 'serverRttUs' | 'clientRttUs'>;
type Visit = Pick<Connection, 'purpose' | 'sent' | 'received' | 'transfer' | 'isRefused'> & { readonly script: Script };

/** How long after a moment picked at random the next round of messages comes: long gaps are met more often than short ones. */
const restOfGap = ({ random, activity }: Subscriber, { gapMinutes, gapSigma }: OperatorPreset['chat']): number =>
  (random.unit() * random.logNormal(gapMinutes * MINUTE * Math.exp(gapSigma ** 2), gapSigma)) / activity;

class Operator {
  readonly book: TruthBook;
  readonly layout: Layout;
  readonly #options: OperatorOptions;
  readonly #preset: OperatorPreset;
  readonly #clock: BusyClock;
  readonly #incidents: Incidents;
  readonly #handshakes: Handshakes;
  readonly #steps = new Heap<Step>();
  readonly #untilAt: number;
  readonly #chat: PooledHosts;
  readonly #control: readonly PooledHosts[];

  constructor(options: OperatorOptions) {
    const { preset, seed, subscribers = preset.subscribers, days = preset.days } = options;
    const random = new Random(seed);
    const startAt = instant(preset.startAt);
    this.#options = options;
    this.#preset = preset;
    this.#untilAt = startAt + days * DAY;
    this.#clock = new BusyClock(preset.clock);
    this.#incidents = new Incidents(preset);
    this.#handshakes = new Handshakes(random.fork(-1));
    this.layout = layOut(preset, random.fork(-2));
    this.#chat = this.layout.pools.find((pool) => pool.class === 'chat')!;
    this.#control = this.layout.pools.filter((pool) => pool.class === 'control' || pool.class === 'web');
    this.book = new TruthBook(options, this.layout, [startAt, this.#untilAt]);
    for (let i = 0; i < subscribers; i++) {
      const subscriber = new Subscriber(i, preset, random.fork(i));
      this.book.joined(subscriber);
      // Nobody begins at midnight sharp.
      this.#plan('other', subscriber, startAt);
      if (!subscriber.usesService) continue;
      this.#actAt('chat', subscriber, this.#clock.after(startAt, restOfGap(subscriber, preset.chat)));
      this.#plan('media', subscriber, startAt);
      this.#plan('control', subscriber, startAt);
    }
  }

  *events(): Generator<readonly [number, PlantedEvent]> {
    for (let at = this.#steps.nextAt; at < Number.POSITIVE_INFINITY; at = this.#steps.nextAt) {
      const step = this.#steps.take()!;
      if (step.kind === 'act') {
        this.#act(step.habit, step.subscriber, at);
        continue;
      }
      const until = step.kind === 'connection' ? step.measured.ended_at : at;
      if (this.#incidents.isUnseen(at, until)) continue;
      this.book.passed(step, at);
      yield [at, step];
    }
  }

  #perDay(habit: Habit): number {
    const { media, control, others } = this.#preset;
    return { media, control, other: others, chat: { perDay: 0 } }[habit].perDay;
  }

  /** The next time that the subscriber does this: a Poisson process in the time of the busy clock. */
  #plan(habit: Habit, subscriber: Subscriber, at: number): void {
    const { random, activity } = subscriber;
    const meanUs = DAY / (this.#perDay(habit) * activity);
    this.#actAt(habit, subscriber, this.#clock.after(at, random.exponential(meanUs)));
  }

  #actAt(habit: Habit, subscriber: Subscriber, at: number): void {
    if (at < this.#untilAt) this.#steps.add(at, { kind: 'act', habit, subscriber });
  }

  #act(habit: Habit, subscriber: Subscriber, at: number): void {
    if (habit === 'chat') {
      this.#chatAt(subscriber, at);
      return;
    }
    if (habit === 'media') this.#transfer(subscriber, at);
    else if (habit === 'control') this.#report(subscriber, at);
    else this.#browse(subscriber, at);
    this.#plan(habit, subscriber, at);
  }

  #chatAt(subscriber: Subscriber, at: number): void {
    const { random } = subscriber;
    let nextAt = this.#clock.after(at, random.exponential(DAY / 4));
    const host = random.chance(FAITHFUL)
      ? this.#chat.hosts[subscriber.number % this.#chat.hosts.length]!
      : random.pick(this.#chat.hosts);
    this.#visit(subscriber, at, host, ({ at: openedAt }) => {
      if (!random.chance(this.#incidents.health(openedAt))) {
        nextAt = this.#retryAt(subscriber, openedAt, nextAt);
        const script = refusedChat(random);
        return { purpose: 'chat', script, sent: 0, received: 0, transfer: undefined, isRefused: true };
      }
      subscriber.retryS = 0;
      const chat = chatScript(subscriber, this.#preset, this.#clock, openedAt, this.#incidents.failsAt);
      nextAt = chat.isCut ? this.#retryAt(subscriber, chat.nextAt, chat.nextAt) : chat.nextAt;
      const { script, sent, received } = chat;
      return { purpose: 'chat', script, sent, received, transfer: undefined, isRefused: false };
    });
    this.#actAt('chat', subscriber, nextAt);
  }

  /** When the telephone tries again; `otherwiseAt` if its owner puts it away. */
  #retryAt(subscriber: Subscriber, at: number, otherwiseAt: number): number {
    const { firstRetryS, lastRetryS, giveUp } = this.#preset.outage!;
    const { random } = subscriber;
    const waitS = subscriber.retryS === 0 ? firstRetryS : Math.min(lastRetryS, 2 * subscriber.retryS);
    if (random.chance(giveUp)) {
      subscriber.retryS = 0;
      return Math.max(otherwiseAt, at + waitS * SECOND);
    }
    subscriber.retryS = waitS;
    return at + Math.round(waitS * SECOND * (0.75 + 0.5 * random.unit()));
  }

  #transfer(subscriber: Subscriber, at: number): void {
    const { random, device } = subscriber;
    const { media } = this.#preset;
    const kind = random.weighted(media.kinds, ({ share }) => share);
    const pool = this.layout.pools.find((each) => each.class === kind.class)!;
    const host = pool.hosts[random.between(0, this.#inUse(pool, at) - 1)]!;
    const direction = random.chance(media.sentShare) ? 'up' : 'down';
    const bytes = drawContent(random, kind.content);
    this.#visit(subscriber, at, host, (timing) => {
      const isRefused = !random.chance(this.#incidents.health(timing.at));
      const script = this.#download(subscriber, host, timing, direction, bytes, device.mediaTimeoutUs, isRefused);
      const transfer = isRefused ? undefined : direction;
      return { purpose: kind.class, script, sent: 0, received: 0, transfer, isRefused };
    });
  }

  /** Names of the pool in use: it grows with the load. */
  #inUse({ names, alwaysOn }: PooledHosts, at: number): number {
    return Math.round(alwaysOn + (names.length - alwaysOn) * this.#clock.share(at));
  }

  #report(subscriber: Subscriber, at: number): void {
    const { random } = subscriber;
    const host = random.pick(random.pick(this.#control).hosts);
    const bytes = drawContent(random, this.#preset.control.content);
    this.#fetch(subscriber, at, host, 'control', bytes);
  }

  #browse(subscriber: Subscriber, at: number): void {
    const { random } = subscriber;
    const { hosts, content }: OtherHosts = random.weighted(this.layout.others, ({ share }) => share);
    this.#fetch(subscriber, at, random.pick(hosts), 'other', drawContent(random, content));
  }

  #fetch(subscriber: Subscriber, at: number, host: Host, purpose: Purpose, bytes: number): void {
    this.#visit(subscriber, at, host, (timing) => ({
      purpose,
      script: this.#download(subscriber, host, timing, 'down', bytes, 0, false),
      sent: 0,
      received: 0,
      transfer: undefined,
      isRefused: false,
    }));
  }

  #download(
    subscriber: Subscriber,
    host: Host,
    timing: Timing,
    direction: 'up' | 'down',
    bytes: number,
    closesAfterUs: number,
    fails: boolean,
  ): Script {
    const opening = this.#handshakes.turns(host, subscriber.showsNames);
    const { access } = this.#preset;
    return transferScript(opening, { subscriber, access, timing, direction, bytes, closesAfterUs, fails });
  }

  /** Finds a server of the host as a telephone does, by what it remembers or by its resolver, and connects. */
  #visit(subscriber: Subscriber, at: number, host: Host, use: (timing: Timing) => Visit): void {
    const { random } = subscriber;
    let rotation = subscriber.remembered(host, at);
    let openAt = at;
    if (rotation < 0) {
      rotation = random.between(0, host.servers.length - 1);
      const answeredAt = this.#ask(subscriber, at, host, rotation);
      if (answeredAt === undefined) return;
      subscriber.learn(host, rotation, answeredAt);
      openAt = answeredAt + subscriber.rttUs() + Math.round(random.exponential(3000));
    }
    const server = host.servers[rotation]!;
    const queueUs = Math.round(random.exponential(this.#preset.hosting.queueUs));
    const serverRttUs = server.rttUs + queueUs;
    const clientRttUs = subscriber.rttUs();
    // Each field by its name: spreading objects would take most of the time here.
    const visit = use({ at: openAt, serverRttUs, clientRttUs });
    const { purpose, sent, received, transfer, isRefused } = visit;
    const { turns, close } = visit.script;
    const { syn } = subscriber.device;
    const path = subscriber.path(server, host.port);
    const script: TcpScript = { path, at: openAt, serverRttUs, clientRttUs, turns, close, syn };
    const measured = measureTurns(script, this.#options.burstIdleUs);
    this.#steps.add(openAt, {
      kind: 'connection',
      subscriber,
      host,
      server,
      purpose,
      script,
      measured,
      sent,
      received,
      transfer,
      isRefused,
    });
  }

  /** Plans a question and its answer. @returns when the answer comes that names servers */
  #ask(subscriber: Subscriber, at: number, host: Host, rotation: number): number | undefined {
    const { random } = subscriber;
    const outcome = this.#incidents.answer(at, random);
    const rcode = outcome === 'SERVFAIL' ? 'SERVFAIL' : 'NOERROR';
    const path = subscriber.path(RESOLVER, RESOLVER.port);
    const lookup = { host, rotation, rcode, path, id: random.between(0, 65_535) } as const;
    const tries = outcome === 'silence' ? UNANSWERED_TRIES : 1;
    for (let i = 0; i < tries; i++) {
      const question: Question = { kind: 'question', lookup, isRetry: i > 0 };
      this.#steps.add(at + i * SECOND, question);
    }
    if (outcome === 'silence') return undefined;
    const answeredAt = at + 2000 + Math.round(random.logNormal(15_000, 0.8));
    const answer: Answer = { kind: 'answer', lookup };
    this.#steps.add(answeredAt, answer);
    return outcome === 'NOERROR' ? answeredAt : undefined;
  }
}

/**
 * Plants an operator. The same options give the same events.
 *
 * @example
 * const { events, truth } = plantedOperator({ preset: whatsapp2014, seed: 1, subscribers: 500, burstIdleUs: SECOND });
 */
export const plantedOperator = (options: OperatorOptions): PlantedOperator => {
  const operator = new Operator(options);
  return {
    events: operator.events(),
    overlay: operator.layout.overlay,
    truth: () => operator.book.truth(),
  };
};
