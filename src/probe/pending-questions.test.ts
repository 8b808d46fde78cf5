import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTransaction, PendingQuestions, type Transaction } from './pending-questions.ts';

const question = (more: Partial<Transaction>): Transaction => ({
  ...newTransaction(),
  ...{ client: 1, resolver: 2, ports: (40_000 << 16) | 53, id: 7, qname: 3, qtype: 1, askedAt: 5, lastAskedAt: 6 },
  ...more,
});

/** All that wait, oldest first. */
const drained = (pending: PendingQuestions): Transaction[] =>
  Array.from({ length: pending.size }, () => {
    const taken = newTransaction();
    pending.takeOldest(taken);
    return taken;
  });

test('a question is taken as it was put, once', () => {
  const pending = new PendingQuestions();
  const asked = question({ overTcp: true, subscriber: 9, retries: 2 });
  pending.put(asked);
  const taken = newTransaction();
  expect(pending.take(question({ overTcp: true }), taken)).toBe(true);
  expect(taken).toEqual(asked);
  expect(pending.take(asked, taken)).toBe(false);
  expect([pending.size, pending.oldestAt]).toEqual([0, Number.NaN]);
});

test('what does not repeat the question is of the one that waits under its id, if there is one', () => {
  const pending = new PendingQuestions();
  pending.put(question({}));
  const taken = newTransaction();
  expect(pending.take(question({ id: 8, qname: 0, qtype: -1 }), taken)).toBe(false);
  expect(pending.take(question({ qname: 0, qtype: -1 }), taken)).toBe(true);
  expect(taken.qname).toBe(3);
});

test('questions that share all but one thing are told apart, in the order in which they were put, through growth, new codes and checkpoints', () => {
  const few = fc.nat(2);
  const step = fc.record({
    seen: fc.record({ client: few, resolver: few, ports: few, id: few, overTcp: fc.boolean(), qname: few, qtype: few }),
    isAnswer: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.nat(2000), (steps, others) => {
      const pending = new PendingQuestions();
      const oracle = new Map<string, Transaction>();
      for (let i = 0; i < others; i++) pending.put(question({ client: 100 + i }));
      for (let i = 0; i < others; i++) pending.takeOldest(newTransaction());
      const taken = newTransaction();
      for (const [i, { seen, isAnswer }] of steps.entries()) {
        const key = JSON.stringify(seen);
        const before = oracle.get(key);
        expect(pending.take(question(seen), taken)).toBe(before !== undefined);
        if (before !== undefined) expect(taken).toEqual(before);
        oracle.delete(key);
        if (isAnswer) continue;
        const asked = question({ ...seen, lastAskedAt: i });
        pending.put(asked);
        oracle.set(key, asked);
      }
      pending.recode((code) => code + 10);
      const restored = new PendingQuestions();
      restored.restore(structuredClone(pending.checkpoint()));
      const expected = [...oracle.values()].map((asked) => ({ ...asked, qname: asked.qname + 10, subscriber: 10 }));
      for (const each of [pending, restored]) expect(drained(each)).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});
