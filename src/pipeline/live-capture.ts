/** A live capture to tickets: shows what it has again and again while it runs, and lets packet time go on where no packets come. */
import { setImmediate } from 'node:timers/promises';
import { type Losses, totalLosses } from '../capture/capture-losses.ts';
import type { LiveSource } from '../capture/live-source.ts';
import { type OpenCapture, openCapture } from '../capture/open-capture.ts';
import { SondeError } from '../kit/errors.ts';
import { MINUTE, SECOND } from '../kit/time.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import { drain, type TicketSink } from './import-captures.ts';
import { type ImportSummary, summarise } from './import-summary.ts';
import { importsRow } from './imports-row.ts';
import type { Checkpoint, LabelledTickets } from './labelled-tickets.ts';
import { PACKET_DELAY_US, passSilence } from './silence.ts';

export interface LiveSink extends TicketSink {
  /**
   * Shows what was written so far, with this row of `imports`. More may be written meanwhile; the next call comes when
   * this one has resolved.
   *
   * @param checkpoint what is open behind what was written, of a stream that goes on from command to command
   */
  commit(row: SealedBatch, checkpoint?: Checkpoint): Promise<void>;
}

export interface LiveProgress {
  readonly summary: ImportSummary;
  readonly losses: Losses;
  readonly openFlows: number;
  /** Latest packet time, or the time to which silence has brought it. */
  readonly clock: number;
}

export interface LiveOptions {
  /** For `imports.name`. */
  readonly name: string;
  /** Packet time between commits, microseconds. */
  readonly commitUs: number;
  /** Is what is open at the end left so, and in a checkpoint at every commit? */
  readonly isContinued: boolean;
  /** A clock that only goes forward, microseconds. */
  readonly now: () => number;
  /** Called again and again; asking what there is costs something. */
  readonly onProgress: (progress: () => LiveProgress) => void;
}

export interface LiveResult {
  readonly summary: ImportSummary;
  readonly losses: Losses;
  /** Why the capture ended, if nobody had asked for it. */
  readonly failure: SondeError | undefined;
}

const HEARTBEAT_MS = 1000;
/** Packet time may run faster than this one, as when a file is poured into the pipe. */
const MIN_PAUSE_US = SECOND;
/** A stream without news says now and then that it lives. */
const KEEPALIVE_US = MINUTE;
/** Checkpoints of many flows take time, in which no packet is read: a small part of all. */
const PAUSE_PER_CHECKPOINT = 20;

/** Resolves once a beat, from the first look on. */
const startHeart = () => {
  let beat: Promise<'beat'>;
  const next = (): void => {
    beat = new Promise((resolve) => {
      timer = setTimeout(() => {
        next();
        resolve('beat');
      }, HEARTBEAT_MS);
    });
  };
  let timer: NodeJS.Timeout | undefined;
  next();
  return { beat: () => beat, stop: () => clearTimeout(timer) };
};

/**
 * Reads a live capture to its end.
 *
 * Commits come when packet time passes a multiple of `commitUs`, or that much time has passed here, so that what a query
 * sees is never older than that and the little that a commit takes. Where no packets come, packet time goes on by the
 * time that has passed here since the last one, less `PACKET_DELAY_US`: what is written then is what a file of the same
 * packets would give, but for `reported_at`.
 *
 * @param tickets with what an earlier command left open, if anything; told to begin by its `source`
 * @throws SONDE_CAPTURE_FAILED if nothing came at all, SONDE_FORMAT_UNKNOWN if what came is no capture, and what `sink`
 * throws: then what was not committed is lost
 */
export const captureLive = async (
  tickets: LabelledTickets,
  source: LiveSource,
  sink: LiveSink,
  options: LiveOptions,
): Promise<LiveResult> => {
  const capture = await openCapture(source.chunks, tickets.probe, 1 << 20);
  const heart = startHeart();
  try {
    if (capture.format === undefined) {
      const why = await source.failure();
      throw why ?? new SondeError('SONDE_CAPTURE_FAILED', 'nothing came', {}, 'is there a capture in the pipe?');
    }
    const live = new LiveCapture(tickets, source, sink, options, capture);
    await live.commit('running');
    await readToEnd(live, capture, heart.beat);
    return await live.end();
  } finally {
    heart.stop();
    await capture.close();
  }
};

const readToEnd = async (live: LiveCapture, capture: OpenCapture, beat: () => Promise<'beat'>): Promise<void> => {
  for (let isMore = true; isMore; ) {
    let isRead = false;
    // The packets at hand are delivered before this returns; it resolves when there are others.
    const step = capture.step().then((more) => {
      isRead = true;
      isMore = more;
    });
    // If the store fails first, nobody waits for it any more.
    step.catch(() => undefined);
    await live.goOn();
    while (!isRead) {
      const next = await Promise.race([step, beat()]);
      // Signals, timers and the pipe have their turn: a packet that waits in it is no silence.
      await setImmediate();
      await setImmediate();
      if (next !== 'beat') continue;
      await live.lookAround(!isRead);
      await live.goOn();
    }
    await step;
  }
};

/** What a live capture has so far, and when it showed that last. */
class LiveCapture {
  readonly #tickets: LabelledTickets;
  readonly #source: LiveSource;
  readonly #sink: LiveSink;
  readonly #options: LiveOptions;
  readonly #capture: OpenCapture;
  #losses: Losses = {};
  /** Packets read when the last one came, when that was here, and packet time then. */
  #packets = 0;
  #arrivedAt: number;
  #arrivedClock: number;
  #committedAt: number;
  #committedPackets = -1;
  #committedRows = -1;
  /** Number of the stretch of packet time in which the last commit was. */
  #stretch = Number.NaN;
  #pauseUs = MIN_PAUSE_US;
  #commit: Promise<void> | undefined;
  #failure: unknown;

  constructor(
    tickets: LabelledTickets,
    source: LiveSource,
    sink: LiveSink,
    options: LiveOptions,
    capture: OpenCapture,
  ) {
    this.#tickets = tickets;
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
    this.#capture = capture;
    this.#arrivedAt = options.now();
    this.#arrivedClock = tickets.probe.clock;
    this.#committedAt = this.#arrivedAt;
  }

  /** Once a beat. `isSilent`: no packet is there to be read. */
  async lookAround(isSilent: boolean): Promise<void> {
    this.#losses = await this.#source.losses();
    if (!isSilent) return;
    const silentUs = this.#options.now() - this.#arrivedAt;
    this.#tickets.probe.elapse(this.#arrivedClock + silentUs - PACKET_DELAY_US);
  }

  /** After packets, or a beat. */
  async goOn(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { packets } = this.#capture.tally;
    if (packets !== this.#packets) {
      this.#packets = packets;
      this.#arrivedAt = this.#options.now();
      this.#arrivedClock = this.#tickets.probe.clock;
    }
    this.#tickets.tidy();
    await drain(this.#tickets, this.#sink);
    if (this.#isDue()) await this.commit('running');
    this.#options.onProgress(() => this.#progress());
  }

  #progress(): LiveProgress {
    const { probe } = this.#tickets;
    return { summary: this.#summary(), losses: this.#losses, openFlows: probe.flows.size, clock: probe.clock };
  }

  #isDue(): boolean {
    const sinceUs = this.#options.now() - this.#committedAt;
    if (this.#commit !== undefined || sinceUs < this.#pauseUs) return false;
    if (sinceUs >= KEEPALIVE_US) return true;
    const { probe, rows } = this.#tickets;
    const isNew = this.#packets !== this.#committedPackets || rows !== this.#committedRows;
    const { commitUs } = this.#options;
    return isNew && (sinceUs >= commitUs || Math.floor(probe.clock / commitUs) !== this.#stretch);
  }

  /** Begins a commit of what there is, once the one before it is done. */
  async commit(state?: 'running' | 'partial'): Promise<void> {
    await this.#commit;
    if (this.#failure !== undefined) throw this.#failure;
    const { now, isContinued, commitUs, name } = this.#options;
    const began = now();
    const checkpoint = isContinued ? this.#tickets.checkpoint() : undefined;
    if (checkpoint !== undefined) this.#pauseUs = Math.max(MIN_PAUSE_US, PAUSE_PER_CHECKPOINT * (now() - began));
    this.#tickets.seal();
    await drain(this.#tickets, this.#sink);
    const summary = this.#summary();
    const about = { kind: 'live', name, sha256: '', ...(state === undefined ? {} : { state }) } as const;
    this.#committedAt = began;
    this.#committedPackets = this.#packets;
    this.#committedRows = this.#tickets.rows;
    this.#stretch = Math.floor(this.#tickets.probe.clock / commitUs);
    this.#commit = this.#sink
      .commit(importsRow(this.#tickets, about, summary), checkpoint)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#commit = undefined;
      });
  }

  /** The capture is over: what is open becomes tickets or stays in the checkpoint, and all of it shows. */
  async end(): Promise<LiveResult> {
    const failure = await this.#source.failure();
    this.#losses = await this.#source.losses();
    passSilence(this.#tickets, this.#capture.account());
    if (!this.#options.isContinued) this.#tickets.finish();
    await this.commit(failure === undefined ? undefined : 'partial');
    await this.#commit;
    if (this.#failure !== undefined) throw this.#failure;
    return { summary: this.#summary(), losses: this.#losses, failure };
  }

  #summary(): ImportSummary {
    const summary = summarise(this.#tickets, [this.#capture.account()]);
    const dropped = totalLosses(this.#losses) ?? summary.dropped;
    return { ...summary, dropped };
  }
}
