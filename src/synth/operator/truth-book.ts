/** What was planted, counted while it passes: what analyses of the tickets must find again. */
import { DAY, HOUR, toIsoTime } from '../../kit/time.ts';
import type { MeasuredFlow } from '../../tickets/measured-flow.ts';
import type { Layout, Server } from './host.ts';
import type { OperatorOptions } from './operator-options.ts';
import type { Connection, PlantedEvent } from './planted-event.ts';
import type { OperatorPreset } from './preset.ts';
import type { Subscriber } from './subscriber.ts';
import { ValueCounts } from './value-counts.ts';

const SERVICE = 'whatsapp';
const CHAT_LIMIT = 10_000;
const MEDIA_LIMIT = 70_000;
const LARGE = 1_000_000;
const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Bits of what a subscriber did on a day. */
const Did = { ANYTHING: 1, SERVICE: 2, CHAT: 4, MEDIA: 8 } as const;

interface ClassTruth {
  flows: number;
  upBytes: number;
  downBytes: number;
  /** Flows of less than 10 KB, and of more than 70 KB. */
  under10kB: number;
  over70kB: number;
}

interface UsedServer {
  readonly server: Server;
  readonly class: string;
  readonly names: Set<string>;
  flows: number;
  /** Least RTT that a handshake had. */
  leastRttUs: number;
  /** By hour from the start: did a flow overlap it? */
  readonly hours: Set<number>;
}

export interface OperatorTruth {
  readonly preset: OperatorPreset;
  readonly seed: number;
  readonly from: string;
  readonly until: string;
  readonly subscribers: number;
  readonly subscribersByOs: Readonly<Record<string, number>>;
  readonly subscribersOfService: number;
  readonly flows: number;
  readonly lookups: {
    readonly questions: number;
    readonly retries: number;
    readonly answers: number;
    readonly servfail: number;
  };
  /** Of the service, by class; bytes are those of the IP layer. */
  readonly classes: Readonly<Record<string, Readonly<ClassTruth> & { readonly sizeQuantiles: Quantiles }>>;
  /** Flows and bytes by service; '' is what no rule owns. */
  readonly services: Readonly<Record<string, { readonly flows: number; readonly bytes: number }>>;
  readonly volumeShares: { readonly media: number; readonly video: number };
  readonly hosting: {
    readonly addresses: number;
    readonly networks24: number;
    readonly networks16: number;
    readonly networks8: number;
    readonly servers: readonly Readonly<
      Omit<UsedServer, 'server' | 'names' | 'hours'> & {
        readonly address: string;
        readonly floorRttUs: number;
        readonly names: readonly string[];
      }
    >[];
  };
  /** Servers with a flow in the hour, by class, and in all classes. */
  readonly activeByHour: readonly Readonly<Record<string, number | string>>[];
  readonly usersByDay: readonly {
    readonly day: string;
    readonly any: number;
    readonly service: number;
    readonly chat: number;
    readonly media: number;
  }[];
  readonly messages: { readonly sent: number; readonly received: number };
  /** Media carried whole. */
  readonly transfers: Readonly<Record<string, { readonly up: number; readonly down: number }>>;
  /** Connections that the telephone closed after a silence: by system, seconds and number. */
  readonly chatTimeouts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly mediaTimeouts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Chat connections that ended without a word. */
  readonly lostChats: number;
  readonly refusedFlows: number;
  /** Rates of transfers of more than 1 MB, bits per second, and what window and least RTT allow at most. */
  readonly rates: Readonly<
    Record<'up' | 'down', { readonly transfers: number; readonly ceiling: number; readonly quantiles: Quantiles }>
  >;
}

type Quantiles = Readonly<Record<string, number | null>>;

const quantilesOf = (counts: ValueCounts): Quantiles =>
  Object.fromEntries(QUANTILES.map((p) => [p, counts.quantile(p)]));

const sumOfMinutes = ({ minutes }: MeasuredFlow): readonly [up: number, down: number] => {
  let up = 0;
  let down = 0;
  for (const minute of minutes) {
    up += minute.up_bytes;
    down += minute.down_bytes;
  }
  return [up, down];
};

const networksOf = (servers: Iterable<Server>, bytes: number): number =>
  new Set([...servers].map(({ text }) => text.split('.').slice(0, bytes).join('.'))).size;

/** Counts under two words. */
class Grid {
  readonly #rows = new Map<string, Map<string, number>>();

  add(row: string, column: string): void {
    const columns = this.#rows.get(row) ?? new Map<string, number>();
    this.#rows.set(row, columns);
    columns.set(column, (columns.get(column) ?? 0) + 1);
  }

  get(row: string, column: string): number {
    return this.#rows.get(row)?.get(column) ?? 0;
  }

  toObject(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#rows].map(([row, columns]) => [row, Object.fromEntries(columns)]));
  }
}

export class TruthBook {
  readonly #options: OperatorOptions;
  readonly #span: readonly [from: number, until: number];
  readonly #byOs = new Map<string, number>();
  readonly #classes = new Map<string, ClassTruth>();
  readonly #sizes = new Map<string, ValueCounts>();
  readonly #services = new Map<string, { flows: number; bytes: number }>();
  readonly #servers = new Map<string, UsedServer>();
  readonly #transfers = new Grid();
  readonly #chatTimeouts = new Grid();
  readonly #mediaTimeouts = new Grid();
  readonly #rates = { up: new ValueCounts(), down: new ValueCounts() };
  readonly #leastRttUs: number;
  readonly #lookups = { questions: 0, retries: 0, answers: 0, servfail: 0 };
  readonly #messages = { sent: 0, received: 0 };
  /** By day, and in it by subscriber: bits of `Did`. */
  readonly #days: Uint8Array[] = [];
  #subscribers = 0;
  #ofService = 0;
  #flows = 0;
  #lostChats = 0;
  #refused = 0;

  constructor(options: OperatorOptions, { pools }: Layout, span: readonly [from: number, until: number]) {
    this.#options = options;
    this.#span = span;
    const floors = pools.flatMap(({ hosts }) => hosts.flatMap(({ servers }) => servers.map(({ rttUs }) => rttUs)));
    this.#leastRttUs = Math.min(...floors) + options.preset.access.rttUs;
  }

  joined({ device, usesService }: Subscriber): void {
    this.#subscribers++;
    if (usesService) this.#ofService++;
    this.#byOs.set(device.os, (this.#byOs.get(device.os) ?? 0) + 1);
  }

  passed(event: PlantedEvent, at: number): void {
    if (event.kind === 'connection') {
      this.#connected(event, at);
      return;
    }
    if (event.kind === 'answer') {
      this.#lookups.answers++;
      if (event.lookup.rcode === 'SERVFAIL') this.#lookups.servfail++;
    } else if (event.isRetry) this.#lookups.retries++;
    else {
      this.#lookups.questions++;
      this.#flows++;
    }
  }

  #connected(connection: Connection, at: number): void {
    const { host, measured, purpose, sent, received, transfer, isRefused, subscriber } = connection;
    this.#flows++;
    const [upBytes, downBytes] = sumOfMinutes(measured);
    const service = this.#services.get(host.service) ?? { flows: 0, bytes: 0 };
    this.#services.set(host.service, service);
    service.flows++;
    service.bytes += upBytes + downBytes;
    const isMedia = purpose === 'image' || purpose === 'audio' || purpose === 'video';
    this.#did(subscriber, at, Did.ANYTHING);
    if (host.service !== SERVICE) return;
    this.#did(subscriber, at, Did.SERVICE | (purpose === 'chat' ? Did.CHAT : 0) | (isMedia ? Did.MEDIA : 0));
    this.#sized(host.class, upBytes, downBytes);
    this.#used(connection, at);
    this.#messages.sent += sent;
    this.#messages.received += received;
    if (isRefused) this.#refused++;
    if (transfer !== undefined) this.#transfers.add(purpose, transfer);
    if (!isRefused) this.#timedOut(connection, isMedia);
    if (transfer !== undefined && upBytes + downBytes > LARGE) this.#paced(connection, transfer);
  }

  #did({ number }: Subscriber, at: number, bits: number): void {
    const day = Math.floor((at - this.#span[0]) / DAY);
    this.#days[day] ??= new Uint8Array(this.#subscribers);
    this.#days[day][number]! |= bits;
  }

  #sized(ofClass: string, upBytes: number, downBytes: number): void {
    const bytes = upBytes + downBytes;
    let truth = this.#classes.get(ofClass);
    if (truth === undefined) {
      truth = { flows: 0, upBytes: 0, downBytes: 0, under10kB: 0, over70kB: 0 };
      this.#classes.set(ofClass, truth);
      this.#sizes.set(ofClass, new ValueCounts());
    }
    truth.flows++;
    truth.upBytes += upBytes;
    truth.downBytes += downBytes;
    if (bytes < CHAT_LIMIT) truth.under10kB++;
    if (bytes > MEDIA_LIMIT) truth.over70kB++;
    this.#sizes.get(ofClass)!.add(bytes);
  }

  #used({ server, host, measured }: Connection, at: number): void {
    let used = this.#servers.get(server.text);
    if (used === undefined) {
      used = {
        server,
        class: host.class,
        names: new Set(),
        flows: 0,
        leastRttUs: Number.POSITIVE_INFINITY,
        hours: new Set(),
      };
      this.#servers.set(server.text, used);
    }
    used.flows++;
    used.names.add(host.name);
    used.leastRttUs = Math.min(used.leastRttUs, measured.server_rtt_us);
    const last = Math.floor((measured.ended_at - this.#span[0]) / HOUR);
    for (let hour = Math.floor((at - this.#span[0]) / HOUR); hour <= last; hour++) used.hours.add(hour);
  }

  #timedOut({ subscriber, purpose, script }: Connection, isMedia: boolean): void {
    const { os, mediaTimeoutUs } = subscriber.device;
    const { close } = script;
    if (close === undefined) this.#lostChats++;
    else if (purpose === 'chat' && close.how === 'fin')
      this.#chatTimeouts.add(os, String(subscriber.chatTimeoutUs / 1e6));
    else if (isMedia && mediaTimeoutUs > 0) this.#mediaTimeouts.add(os, String(mediaTimeoutUs / 1e6));
  }

  #paced({ script }: Connection, direction: 'up' | 'down'): void {
    const body = script.turns.find(({ bytesPerSecond }) => bytesPerSecond !== undefined);
    this.#rates[direction].add(8 * body!.bytesPerSecond!);
  }

  truth(): OperatorTruth {
    const { preset, seed } = this.#options;
    const { access } = preset;
    const volume = (classes: readonly string[]): number =>
      classes.reduce((sum, name) => {
        const truth = this.#classes.get(name);
        return truth === undefined ? sum : sum + truth.upBytes + truth.downBytes;
      }, 0);
    const all = volume([...this.#classes.keys()]);
    const used = [...this.#servers.values()].sort((a, b) => (a.server.text < b.server.text ? -1 : 1));
    const ceiling = (window: number): number => Math.round((8e6 * window) / this.#leastRttUs);
    return {
      preset,
      seed,
      from: toIsoTime(this.#span[0]),
      until: toIsoTime(this.#span[1]),
      subscribers: this.#subscribers,
      subscribersByOs: Object.fromEntries(this.#byOs),
      subscribersOfService: this.#ofService,
      flows: this.#flows,
      lookups: { ...this.#lookups },
      classes: Object.fromEntries(
        [...this.#classes].map(([name, truth]) => [
          name,
          { ...truth, sizeQuantiles: quantilesOf(this.#sizes.get(name)!) },
        ]),
      ),
      services: Object.fromEntries(this.#services),
      volumeShares: { media: volume(['image', 'audio', 'video']) / all, video: volume(['video']) / all },
      hosting: {
        addresses: used.length,
        networks24: networksOf(
          used.map(({ server }) => server),
          3,
        ),
        networks16: networksOf(
          used.map(({ server }) => server),
          2,
        ),
        networks8: networksOf(
          used.map(({ server }) => server),
          1,
        ),
        servers: used.map(({ server, names, hours: _, ...rest }) => ({
          address: server.text,
          floorRttUs: server.rttUs,
          names: [...names].sort(),
          ...rest,
        })),
      },
      activeByHour: this.#activeByHour(used),
      usersByDay: this.#days.map((subscribers, day) => {
        const count = (bit: number): number => subscribers.reduce((n, bits) => n + ((bits & bit) !== 0 ? 1 : 0), 0);
        return {
          day: toIsoTime(this.#span[0] + day * DAY),
          any: count(Did.ANYTHING),
          service: count(Did.SERVICE),
          chat: count(Did.CHAT),
          media: count(Did.MEDIA),
        };
      }),
      messages: { ...this.#messages },
      transfers: Object.fromEntries(
        ['image', 'audio', 'video'].map((kind) => [
          kind,
          { up: this.#transfers.get(kind, 'up'), down: this.#transfers.get(kind, 'down') },
        ]),
      ),
      chatTimeouts: this.#chatTimeouts.toObject(),
      mediaTimeouts: this.#mediaTimeouts.toObject(),
      lostChats: this.#lostChats,
      refusedFlows: this.#refused,
      rates: {
        up: {
          transfers: this.#rates.up.total,
          ceiling: ceiling(access.upWindow),
          quantiles: quantilesOf(this.#rates.up),
        },
        down: {
          transfers: this.#rates.down.total,
          ceiling: ceiling(access.downWindow),
          quantiles: quantilesOf(this.#rates.down),
        },
      },
    };
  }

  #activeByHour(used: readonly UsedServer[]): OperatorTruth['activeByHour'] {
    const classes = [...new Set(used.map((each) => each.class))].sort();
    const hours = Math.round((this.#span[1] - this.#span[0]) / HOUR);
    return Array.from({ length: hours }, (_, hour) => {
      const active = used.filter((each) => each.hours.has(hour));
      return {
        hour: toIsoTime(this.#span[0] + hour * HOUR),
        all: active.length,
        ...Object.fromEntries(classes.map((name) => [name, active.filter((each) => each.class === name).length])),
      };
    });
  }
}
