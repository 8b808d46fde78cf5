/** A subscriber of a planted operator: telephone, radio, habits, and what the telephone remembers. */
import type { Random } from '../../kit/random.ts';
import { SECOND } from '../../kit/time.ts';
import type { Device } from '../device.ts';
import type { Path } from '../frame.ts';
import type { Host, Server } from './host.ts';
import type { OperatorPreset } from './preset.ts';

const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;
const SERVER_TTL = 52;
/** 10.1.0.0: below it are the operator's own machines. */
const FIRST_ADDRESS = 0x0a010000;
/** Answers of one host differ by the server that they begin with; there are fewer than this. */
const ROTATIONS = 256;

export class Subscriber {
  readonly random: Random;
  readonly number: number;
  readonly address: Uint8Array;
  readonly device: Device;
  readonly usesService: boolean;
  /** How much this one does; the median is 1. */
  readonly activity: number;
  /** Silence after which the chat connection is closed. */
  readonly chatTimeoutUs: number;
  /** Does TLS of the telephone show server names? */
  readonly showsNames: boolean;
  /** Of the radio: bytes per second. */
  readonly downRate: number;
  readonly upRate: number;
  /** Seconds to the next try after a failure; 0 if the last one went well. */
  retryS = 0;
  readonly #radioUs: number;
  /** By host: when the answer expires, in seconds, times `ROTATIONS`, and its rotation. */
  readonly #answers = new Map<number, number>();
  #port: number;

  constructor(number: number, { devices, adoption, activitySigma, access, others }: OperatorPreset, random: Random) {
    const word = FIRST_ADDRESS + number;
    this.random = random;
    this.number = number;
    this.address = Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
    this.device = random.weighted(devices, ({ share }) => share);
    this.usesService = random.chance(adoption);
    this.activity = random.logNormal(1, activitySigma);
    this.chatTimeoutUs = random.pick(this.device.chatTimeoutsUs);
    this.showsNames = !random.chance(others.namelessShare);
    this.downRate = random.logNormal(access.downRate, access.rateSigma);
    this.upRate = random.logNormal(access.upRate, access.rateSigma);
    this.#radioUs = access.rttUs + random.logNormal(access.radioUs, 1);
    this.#port = random.between(FIRST_PORT, LAST_PORT);
  }

  /** RTT between vantage and telephone now, microseconds. */
  rttUs(): number {
    return Math.round(this.#radioUs + this.random.exponential(0.05 * this.#radioUs));
  }

  /** The way to a server from a port of its own. */
  path(server: Pick<Server, 'address'>, port: number): Path {
    this.#port = this.#port === LAST_PORT ? FIRST_PORT : this.#port + 1;
    return {
      client: { address: this.address, port: this.#port },
      server: { address: server.address, port },
      clientTtl: this.device.ttl - 1,
      serverTtl: SERVER_TTL,
    };
  }

  /** Notes an answer: the servers of the host from the place `rotation` on. */
  learn({ index, ttlS }: Host, rotation: number, answeredAt: number): void {
    this.#answers.set(index, (Math.floor(answeredAt / SECOND) + ttlS) * ROTATIONS + rotation);
  }

  /** The rotation of the answer that is still valid, -1 if there is none. */
  remembered({ index }: Host, at: number): number {
    const known = this.#answers.get(index);
    if (known === undefined) return -1;
    if (Math.floor(known / ROTATIONS) * SECOND > at) return known % ROTATIONS;
    this.#answers.delete(index);
    return -1;
  }
}
