/** What happens at the vantage of a planted operator, in the order of time. */
import type { MeasuredFlow } from '../../tickets/measured-flow.ts';
import type { TcpScript } from '../tcp-segments.ts';
import type { Host, Server } from './host.ts';
import type { Lookup } from './lookup.ts';
import type { Subscriber } from './subscriber.ts';

export type Purpose = 'chat' | 'image' | 'audio' | 'video' | 'control' | 'other';

/** A connection that opens, whole. */
export interface Connection {
  readonly kind: 'connection';
  readonly subscriber: Subscriber;
  readonly host: Host;
  readonly server: Server;
  readonly purpose: Purpose;
  readonly script: TcpScript;
  /** What it must be measured as. */
  readonly measured: MeasuredFlow;
  /** Messages in it. */
  readonly sent: number;
  readonly received: number;
  /** Media that it carries whole, by who sends them. */
  readonly transfer: 'up' | 'down' | undefined;
  /** Did the failure of the service refuse it? */
  readonly isRefused: boolean;
}

export interface Question {
  readonly kind: 'question';
  readonly lookup: Lookup;
  /** Sent again? */
  readonly isRetry: boolean;
}

export interface Answer {
  readonly kind: 'answer';
  readonly lookup: Lookup;
}

export type PlantedEvent = Connection | Question | Answer;
