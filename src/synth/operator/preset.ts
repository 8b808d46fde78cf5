/** What is put into a planted operator: habits, contents, timers, rates and servers. What flows look like is no part of it; that follows. */
import type { Device } from '../device.ts';

/** Contents of a kind: bytes, log-normal; `sigma` is the standard deviation of the natural logarithm. */
export interface Content {
  readonly median: number;
  readonly sigma: number;
  readonly least: number;
  readonly most: number;
}

/** Names of one class and the addresses behind them. */
export interface Pool {
  readonly class: string;
  readonly names: readonly string[];
  readonly addresses: number;
  /** Addresses in an answer of DNS. */
  readonly perAnswer: number;
  readonly ttlS: number;
  /** Names in use at any time; at the busiest hour all are, and in between as many as the hour is busy. */
  readonly alwaysOn: number;
}

/** A place with servers. */
interface DataCentre {
  /** RTT between vantage and its servers where nothing queues, microseconds. */
  readonly rttUs: number;
  /** Share of the networks that are there. */
  readonly share: number;
}

/** Media of a class. */
interface MediaKind {
  readonly class: 'image' | 'audio' | 'video';
  /** Share of the transfers. */
  readonly share: number;
  readonly content: Content;
}

/** Another service, whose pages and files are fetched by TLS. */
export interface OtherService {
  /** As the rules call it; '' where no rule owns the names. */
  readonly service: string;
  readonly names: readonly string[];
  readonly addresses: number;
  /** First address block; addresses are counted on in it. */
  readonly block: string;
  readonly asn: number;
  readonly org: string;
  readonly rttUs: number;
  readonly ttlS: number;
  /** Share of the visits. */
  readonly share: number;
  readonly content: Content;
}

/** [from, until) as ISO 8601. */
export interface Span {
  readonly from: string;
  readonly until: string;
}

export interface OperatorPreset {
  readonly name: string;
  /** One sentence. */
  readonly title: string;
  /** First midnight, ISO 8601, and what is planted if nobody says otherwise. */
  readonly startAt: string;
  readonly days: number;
  readonly subscribers: number;
  /** Flows of a subscriber and day, DNS included, as they come of all this: for those who ask for a number of flows. */
  readonly flowsPerDay: number;
  readonly clock: {
    /** Hours that local time is ahead of UTC. */
    readonly offsetHours: number;
    /** How busy each hour of a day is, from midnight; only ratios count. */
    readonly weekday: readonly number[];
    readonly weekend: readonly number[];
  };
  /** Share of the subscribers who use the service. */
  readonly adoption: number;
  /** Spread of how much subscribers do: `sigma` of a log-normal factor of median 1. */
  readonly activitySigma: number;
  readonly devices: readonly Device[];
  readonly access: {
    /** RTT between vantage and telephone, microseconds: the least, and the median of what the radio adds. */
    readonly rttUs: number;
    readonly radioUs: number;
    /** Rates of the radio, bytes per second: medians and spread among subscribers. */
    readonly downRate: number;
    readonly upRate: number;
    readonly rateSigma: number;
    /** Bytes under way at most: the receive window of a telephone, and the send buffer of one. */
    readonly downWindow: number;
    readonly upWindow: number;
  };
  readonly hosting: {
    readonly asn: number;
    readonly org: string;
    /** Networks of 16 bits, as `50.22`; addresses lie in the first ones of 24 bits of each. */
    readonly networks: readonly string[];
    /** Networks of 24 bits among which the addresses lie. */
    readonly blocks: number;
    readonly dataCentres: readonly DataCentre[];
    /** Servers of one place differ by so many microseconds at most. */
    readonly serverSpreadUs: number;
    /** Mean of what queues on the way add, microseconds. */
    readonly queueUs: number;
  };
  readonly pools: readonly Pool[];
  readonly chat: {
    /** Time between two rounds of messages of a subscriber at a mean hour, log-normal: median in minutes. */
    readonly gapMinutes: number;
    readonly gapSigma: number;
    /** Messages of a round: means of geometric distributions, at least one of either. */
    readonly sentPerRound: number;
    readonly receivedPerRound: number;
    readonly message: Content;
    /** Share of the connections that end without a word, because the telephone is gone. */
    readonly lostShare: number;
  };
  readonly media: {
    /** Transfers of a user and day. */
    readonly perDay: number;
    /** Share that the subscriber sends. */
    readonly sentShare: number;
    readonly kinds: readonly MediaKind[];
  };
  readonly control: { readonly perDay: number; readonly content: Content };
  readonly others: {
    /** Visits of a subscriber and day, the users of the service and all. */
    readonly perDay: number;
    readonly services: readonly OtherService[];
    /** Share of the connections that show no server name. */
    readonly namelessShare: number;
  };
  /** A failure of the service in its application: servers accept connections and reset them. */
  readonly outage?: Span & {
    /** When the first connections succeed again; their share grows until the end. */
    readonly recoversAt: string;
    /** Share that succeeds all the while. */
    readonly residual: number;
    /** Retries: first wait and longest, seconds; each wait is twice the one before. */
    readonly firstRetryS: number;
    readonly lastRetryS: number;
    /** Share of the subscribers who give up at each retry, until they write again. */
    readonly giveUp: number;
  };
  /** The probe is off: nothing that overlaps this is seen. */
  readonly probeGap?: Span;
  /** The resolver fails: a share of the questions is answered by SERVFAIL, and another not at all. */
  readonly dnsFailure?: Span & { readonly servfail: number; readonly silent: number };
}
