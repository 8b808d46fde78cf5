import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../../test/needs.ts';
import { Interner } from '../kit/interner.ts';
import { AnswerMap } from './answer-map.ts';
import { dnsEvidence } from './dns-evidence.ts';

/** A DNS answer that tshark saw. */
interface SeenAnswer {
  readonly t: number;
  readonly client: string;
  readonly q: string;
  readonly a: readonly string[];
  readonly ttl: readonly number[];
}

/** A flow whose server an earlier answer held, with what the answers of this client make of it. */
interface LabelledFlow {
  readonly t: number;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  readonly dns_last: string;
  readonly dns_all: readonly string[];
  readonly dns_last_ttl: number;
  readonly within_ttl: boolean;
}

const linesOf = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const labelFiles = hasSharedData
  ? readdirSync(sharedData('truth'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.labels.jsonl'),
    )
  : [];

describe.skipIf(!hasSharedData)('flows of real captures', () => {
  test.each(labelFiles)('%s: name, candidates, TTL and evidence', (path) => {
    const names = new Interner();
    const addresses = new Interner();
    const map = new AnswerMap({ maxAnswers: 10_000, maxAnswersPerClient: 1000, maxNamesPerServer: 64 });
    const [capture] = linesOf<{ readonly dns: readonly SeenAnswer[] }>(
      sharedData(`truth/${path.replace('.labels.', '.names.')}`),
    );
    const answers = capture!.dns.toSorted((a, b) => a.t - b.t);
    let next = 0;
    for (const flow of linesOf<LabelledFlow>(sharedData(`truth/${path}`)).sort((a, b) => a.t - b.t)) {
      for (; next < answers.length && answers[next]!.t <= flow.t; next++) {
        const { t, client, q, a, ttl } = answers[next]!;
        for (const server of a) {
          map.answered(addresses.code(client), addresses.code(server), names.code(q), t * 1e6, Math.min(...ttl));
        }
      }
      expect(map.find(addresses.code(flow.a[0]), addresses.code(flow.b[0]))).toBe(true);
      expect({
        name: names.text(map.name),
        candidates: new Set([...map.candidates.slice(0, map.candidateCount)].map((code) => names.text(code))),
        ttlS: map.ttlS,
        evidence: dnsEvidence(flow.t * 1e6, map.answeredAt, map.ttlS),
      }).toEqual({
        name: flow.dns_last,
        candidates: new Set(flow.dns_all),
        ttlS: flow.dns_last_ttl,
        evidence: flow.within_ttl ? 'valid' : 'expired',
      });
      expect(map.candidates[0]).toBe(map.name);
    }
  });

  test('there are 133 of them', () => {
    const flows = labelFiles.flatMap((path) => linesOf<LabelledFlow>(sharedData(`truth/${path}`)));
    expect(flows).toHaveLength(133);
  });
});
