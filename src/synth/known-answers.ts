/** What one client has learnt from its resolver, and by it the name that a flow of this client must get. */
import { HOUR, SECOND } from '../kit/time.ts';
import type { FlowLabels } from './truth.ts';

interface KnownAnswer {
  readonly name: string;
  readonly servers: readonly string[];
  readonly answeredAt: number;
  readonly ttlS: number;
}

type Naming = Pick<
  FlowLabels,
  'dns_name' | 'dns_answered_at' | 'dns_ttl_s' | 'dns_candidates' | 'dns_evidence' | 'fqdn' | 'fqdn_source'
>;

export const unnamed: Naming = {
  dns_name: '',
  dns_answered_at: null,
  dns_ttl_s: null,
  dns_candidates: [],
  dns_evidence: '',
  fqdn: '',
  fqdn_source: '',
};

/** By definition and without an index: it is the oracle for code that is fast. */
export class KnownAnswers {
  readonly #answers: KnownAnswer[] = [];

  add(answer: KnownAnswer): void {
    this.#answers.push(answer);
  }

  /** The youngest answer for a name that is still valid at `at`, as a client's own cache has it. */
  cached(name: string, at: number): KnownAnswer | undefined {
    return this.#answers.findLast(
      (answer) => answer.name === name && answer.answeredAt < at && at <= answer.answeredAt + answer.ttlS * SECOND,
    );
  }

  /** The youngest answer for a name, however old. */
  latest(name: string): KnownAnswer | undefined {
    return this.#answers.findLast((answer) => answer.name === name);
  }

  /** The name of a flow to `server` that starts at `startedAt`, by the answers before it and an hour of grace. */
  nameAt(server: string, startedAt: number): Naming {
    const known = this.#answers
      .filter(({ servers, answeredAt }) => answeredAt < startedAt && servers.includes(server))
      .sort((a, b) => b.answeredAt - a.answeredAt);
    const latest = known[0];
    if (latest === undefined) return unnamed;
    const expiresAt = latest.answeredAt + latest.ttlS * SECOND;
    const isUsable = startedAt <= expiresAt + HOUR;
    return {
      dns_name: latest.name,
      dns_answered_at: latest.answeredAt,
      dns_ttl_s: latest.ttlS,
      dns_candidates: [...new Set(known.map(({ name }) => name))],
      dns_evidence: startedAt <= expiresAt ? 'valid' : 'expired',
      fqdn: isUsable ? latest.name : '',
      fqdn_source: isUsable ? 'dns' : '',
    };
  }
}
