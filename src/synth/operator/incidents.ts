/** What goes wrong at a planted operator, and when: an outage of the service, a gap of the probe, a failure of the resolver. */
import type { Random } from '../../kit/random.ts';
import type { OperatorPreset, Span } from './preset.ts';

/** UTC microseconds of an ISO time. */
export const instant = (iso: string): number => Date.parse(iso) * 1000;

const nothing: Span = { from: '9999-01-01T00:00:00Z', until: '9999-01-01T00:00:00Z' };

const toTimes = ({ from, until }: Span = nothing): readonly [from: number, until: number] => [
  instant(from),
  instant(until),
];

export class Incidents {
  /** When the service fails; Infinity if it does not. */
  readonly failsAt: number;
  readonly #preset: OperatorPreset;
  readonly #outageUntil: number;
  readonly #recoversAt: number;
  readonly #gap: readonly [number, number];
  readonly #dns: readonly [number, number];

  constructor(preset: OperatorPreset) {
    const { outage, probeGap, dnsFailure } = preset;
    this.#preset = preset;
    this.failsAt = outage === undefined ? Number.POSITIVE_INFINITY : instant(outage.from);
    this.#outageUntil = toTimes(outage)[1];
    this.#recoversAt = outage === undefined ? Number.POSITIVE_INFINITY : instant(outage.recoversAt);
    this.#gap = toTimes(probeGap);
    this.#dns = toTimes(dnsFailure);
  }

  /** Share of the connections that succeed: all, the residual, or in recovery a share that grows evenly. */
  health(at: number): number {
    if (at < this.failsAt || at >= this.#outageUntil) return 1;
    const { residual } = this.#preset.outage!;
    if (at < this.#recoversAt) return residual;
    return residual + ((1 - residual) * (at - this.#recoversAt)) / (this.#outageUntil - this.#recoversAt);
  }

  /** Is anything of [from, until] in the gap of the probe? */
  isUnseen(from: number, until: number): boolean {
    return from < this.#gap[1] && until >= this.#gap[0];
  }

  /** What becomes of a question. */
  answer(at: number, random: Random): 'NOERROR' | 'SERVFAIL' | 'silence' {
    if (at < this.#dns[0] || at >= this.#dns[1]) return 'NOERROR';
    const { servfail, silent } = this.#preset.dnsFailure!;
    const unit = random.unit();
    if (unit < servfail) return 'SERVFAIL';
    return unit < servfail + silent ? 'silence' : 'NOERROR';
  }
}
